using AdaptiveKv.Files;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Torch;

namespace AdaptiveKv.Unit.Training.Fitting;

public sealed class NetworkTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(6, 5)]
    public void The_mean_of_networks_gives_the_mean_of_their_outputs(params int[] hidden)
    {
        TorchHere.Require();
        RowSet rows = SampleRows.Of(300);
        Network[] networks = [.. Enumerable.Range(1, 3).Select(seed => Random(rows, hidden, (ulong)seed))];

        float[] mean = Logits(Network.MeanOf(networks), rows);

        float[][] each = [.. networks.Select(network => Logits(network, rows))];
        for (int i = 0; i < mean.Length; i++)
        {
            Assert.Equal(each.Average(own => own[i]), mean[i], 1e-4);
        }
    }

    [Fact]
    public void The_mean_of_one_network_is_that_network()
    {
        Network one = Random(SampleRows.Of(1), [4, 3], 1);

        Assert.Equal(one.Parameters, Network.MeanOf([one]).Parameters);
    }

    private static Network Random(RowSet rows, int[] hidden, ulong seed)
    {
        Network network = new([rows.Width, .. hidden, rows.Tiers]);
        CounterRandom random = new(seed);
        for (int i = 0; i < network.Parameters.Length; i++)
        {
            network.Parameters[i] = (float)random.Uniform((ulong)i, 7) - 0.5f;
        }

        return network;
    }

    private static float[] Logits(Network network, RowSet rows)
    {
        float[] logits = new float[rows.Rows * rows.Tiers];
        Fit.Assess(network, rows, SampleRows.Objective, logits);
        return logits;
    }
}
