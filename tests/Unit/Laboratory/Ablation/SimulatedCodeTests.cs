using AdaptiveKv.Files;
using AdaptiveKv.Laboratory.Ablation;

namespace AdaptiveKv.Unit.Laboratory.Ablation;

public sealed class SimulatedCodeTests
{
    private const int HeadDim = 64;

    /// <summary>Lloyd's two conditions on a normal distribution: cells end half-way between levels, and levels are their cells' means.</summary>
    [Theory]
    [InlineData(2, 0.1175)]
    [InlineData(3, 0.03454)]
    [InlineData(4, 0.009497)]
    public void Levels_lose_least_of_a_normal_distribution(int bits, double distortion)
    {
        float[] levels = LloydMaxCode.LevelsOf(bits);
        double[] weight = new double[levels.Length];
        double[] sum = new double[levels.Length];
        double lost = 0;
        const double step = 1e-3;
        for (double x = -8; x < 8; x += step)
        {
            int nearest = Enumerable.Range(0, levels.Length).MinBy(i => Math.Abs(x - levels[i]));
            double density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * step;
            weight[nearest] += density;
            sum[nearest] += density * x;
            lost += density * (x - levels[nearest]) * (x - levels[nearest]);
        }

        Assert.Equal(1 << bits, levels.Length);
        Assert.All(Enumerable.Range(0, levels.Length), i => Assert.Equal(sum[i] / weight[i], levels[i], 2e-3));
        Assert.Equal(distortion, lost, 2e-4);
    }

    [Theory]
    [InlineData(2, 0.1175)]
    [InlineData(3, 0.03454)]
    [InlineData(4, 0.009497)]
    public void Rows_are_read_back_with_about_that_loss(int bits, double distortion)
    {
        float[] keys = Normal(200 * HeadDim, 1);
        float[] before = [.. keys];
        var code = new LloydMaxCode(bits);
        for (int row = 0; row < 200; row++)
        {
            code.Reconstruct(keys.AsSpan(row * HeadDim, HeadDim), new float[HeadDim], HeadDim);
        }

        // Scale and offset are fitted to each row, which a fixed normal distribution would not allow.
        Assert.InRange(before.Zip(keys, (x, y) => (double)(x - y) * (x - y)).Average(), 0.75 * distortion, distortion);
        Assert.Equal(bits + 0.5, code.BitsPerElement(HeadDim));
    }

    [Fact]
    public void A_row_of_equal_elements_survives()
    {
        float[] row = [.. Enumerable.Repeat(0.75f, HeadDim)];

        new LloydMaxCode(2).Reconstruct(row, new float[HeadDim], HeadDim);

        Assert.All(row, element => Assert.Equal(0.75f, element));
    }

    /// <summary>A channel a hundred times larger than the others costs the others nothing, in keys; in values it costs its group.</summary>
    [Fact]
    public void Keys_have_a_scale_per_channel_and_values_per_token()
    {
        float[] keys = Normal(32 * HeadDim, 2);
        for (int token = 0; token < 32; token++)
        {
            keys[(token * HeadDim) + 5] *= 100;
        }

        float[] values = [.. keys];
        float[] before = [.. keys];
        var code = new ChannelKeyCode(4);

        code.Reconstruct(keys, values, HeadDim);

        Assert.InRange(Error(before, keys, 6), 0, 0.2);
        Assert.InRange(Error(before, values, 6), 1, 20);
        Assert.InRange(Error(before, values, 40), 0, 0.2);
        Assert.All(Enumerable.Range(0, HeadDim), channel => Assert.InRange(Enumerable.Range(0, 32).Select(token => keys[(token * HeadDim) + channel]).Distinct().Count(), 2, 16));
        Assert.Equal((32, 5.0), (code.Tokens, code.BitsPerElement(HeadDim)));
    }

    private static double Error(float[] before, float[] after, int channel) =>
        Enumerable.Range(0, 32).Max(token => Math.Abs(before[(token * HeadDim) + channel] - after[(token * HeadDim) + channel]));

    /// <summary>Box and Muller's transform of counted uniform numbers.</summary>
    private static float[] Normal(int count, ulong seed)
    {
        var random = new CounterRandom(seed);
        return [.. Enumerable.Range(0, count).Select(i => (float)(Math.Sqrt(-2 * Math.Log(1 - random.Uniform((ulong)i))) * Math.Cos(2 * Math.PI * random.Uniform((ulong)i, 1))))];
    }
}
