using AdaptiveKv.Files;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Torch;
using TorchSharp;

namespace AdaptiveKv.Unit.Training.Fitting;

[Collection(Alone.Name)]
public sealed class FitTests
{
    private static readonly FitOptions Options = new([128], 20, 64, 1e-3, 0);

    public FitTests() => TorchHere.Require();

    [Fact]
    public void Two_hundred_thousand_rows_and_eight_seeds_are_learned_at_once()
    {
        RowSet set = SampleRows.Of(200_000, 16), validation = SampleRows.Of(20_000, 16, 51);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        IReadOnlyList<Fit> fits = Run(set, Options with { Epochs = 1, BatchRows = 1024 }, [1, 2, 3, 4, 5, 6, 7, 8], validation);
        double seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;

        TestContext.Current.SendDiagnosticMessage($"200,000 rows x 8 seeds: {seconds:F1} s of processor time a pass");
        Assert.Equal(8, fits.DistinctBy(fit => fit.Best.Validation.Total).Count());
        Assert.All(fits, fit => Assert.True(fit.Best.Validation.Correct > 0.9, fit.Best.ToString()));
    }

    [Fact]
    public void The_best_pass_is_kept_and_patience_ends_the_training()
    {
        RowSet few = SampleRows.Of(60);
        Fit all = Run(few, Options with { Epochs = 300, Rate = 0.02 })[0];
        Fit patient = Run(few, Options with { Epochs = 300, Rate = 0.02, Patience = 10 })[0];

        Assert.Equal(300, all.Epochs.Count);
        Assert.Equal(all.Epochs.Min(epoch => epoch.Validation.Total), all.Best.Validation.Total);
        Assert.Equal(patient.Best.Epoch + 10, patient.Epochs.Count);
        Assert.Equal(patient.Best.Validation.Total, Fit.Assess(patient.Network, SampleRows.Of(2000, stream: 51), SampleRows.Objective).Total, 1e-6);
    }

    [Fact]
    public void Networks_trained_together_are_those_trained_alone()
    {
        RowSet set = SampleRows.Of(300);
        FitOptions options = Options with { Hidden = [16, 8], Rate = 0.02, Epochs = 60, Patience = 5 };
        IReadOnlyList<Fit> together = Run(set, options, [4, 5, 4]);

        Assert.Equal(together[0].Network.Parameters, together[2].Network.Parameters);
        foreach ((Fit fit, ulong seed) in together.Zip(new ulong[] { 4, 5 }))
        {
            Fit alone = Run(set, options, [seed])[0];
            Assert.Equal(alone.Epochs.Count, fit.Epochs.Count);
            Assert.Equal(alone.Best.Epoch, fit.Best.Epoch);
            Assert.All(alone.Network.Parameters.Zip(fit.Network.Parameters), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_with_any_number_of_threads()
    {
        RowSet set = SampleRows.Of(1000);
        float[] first = Run(set, Options with { Epochs = 3 }, [7])[0].Network.Parameters;
        torch.set_num_threads(2);
        float[] again = Run(set, Options with { Epochs = 3 }, [7])[0].Network.Parameters;
        torch.set_num_threads(1);

        Assert.Equal(first, again);
        Assert.NotEqual(first, Run(set, Options with { Epochs = 3 }, [8])[0].Network.Parameters);
    }

    [Fact]
    public void Numbers_that_are_collected_meanwhile_are_not_missed()
    {
        RowSet set = SampleRows.Of(1000);
        float[] expected = Run(set, Options with { Epochs = 10 }, [7])[0].Network.Parameters;
        bool isEnough = false;
        Thread collecting = new(() =>
        {
            while (!Volatile.Read(ref isEnough))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.Start();
        try
        {
            Assert.Equal(expected, Run(set, Options with { Epochs = 10 }, [7])[0].Network.Parameters);
        }
        finally
        {
            Volatile.Write(ref isEnough, true);
            collecting.Join();
        }
    }

    [Fact]
    public void Every_row_of_many_is_judged()
    {
        RowSet set = SampleRows.Of(100_000);
        Network network = new([4, 8, 4]);
        network.Start(new CounterRandom(1));
        float[] outputs = new float[set.Losses.Length], last = new float[40];
        Fit.Assess(network, set, SampleRows.Objective, outputs);
        Fit.Assess(network, new RowSet(set.Inputs[^40..], set.Labels[^10..], set.Losses[^40..]), SampleRows.Objective, last);

        Assert.All(last.Zip(outputs[^40..]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Tensors_do_not_add_up()
    {
        RowSet set = SampleRows.Of(200);
        List<long> alive = [];
        long before = torch.Tensor.TotalCount;
        Run(set, Options with { Epochs = 60 }, [1, 2], progress: new Counting(() => alive.Add(torch.Tensor.TotalCount)));

        Assert.Equal(60, alive.Count);
        Assert.Equal(alive[19], alive[59]);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Numbers_that_leave_the_finite_ones_are_an_error() => Assert.Contains(
        "train with a smaller lr than 1E+38",
        Assert.Throws<ArithmeticException>(() => Run(SampleRows.Of(500), Options with { Rate = 1e38 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Predicted_losses_are_the_means_of_rows_alike()
    {
        // Rows of the first kind lose 4, 2, 1, 0.1 on average, those of the second a tenth of that; single rows lose twice as much, or nothing.
        float[] inputs = [.. Enumerable.Range(0, 2000).Select(row => row % 2 == 0 ? 1f : -1f)];
        float[] losses = [.. inputs.SelectMany((kind, row) => new[] { 4f, 2f, 1f, 0.1f }.Select(loss => loss * (kind > 0 ? 1f : 0.1f) * (row / 2 % 2 == 0 ? 2f : 0f)))];
        RowSet set = new(inputs, new int[2000], losses);
        Objective objective = SampleRows.Objective with { PredictsLoss = true };

        Fit fit = Fit.Run(set, set, [new FitRun(objective, 1)], Options with { Hidden = [8], Epochs = 30, Rate = 0.01 }, torch.CPU, new Progress<long>(), CancellationToken.None)[0];
        float[] outputs = new float[losses.Length];
        Fit.Assess(fit.Network, set, objective, outputs);

        double[] expected = [4, 2, 1, 0.1, 0.4, 0.2, 0.1, 0.01];
        Assert.All(expected.Zip(outputs), pair => Assert.InRange(Math.Exp(pair.Second) / pair.First, 0.8, 1.25));
    }

    private static IReadOnlyList<Fit> Run(RowSet set, FitOptions options, ulong[]? seeds = null, RowSet? validation = null, IProgress<long>? progress = null) => Fit.Run(
        set,
        validation ?? SampleRows.Of(2000, stream: 51),
        [.. (seeds ?? [1]).Select(seed => new FitRun(SampleRows.Objective, seed))],
        options,
        torch.CPU,
        progress ?? new Progress<long>(),
        CancellationToken.None);

    private sealed class Counting(Action count) : IProgress<long>
    {
        public void Report(long value) => count();
    }
}
