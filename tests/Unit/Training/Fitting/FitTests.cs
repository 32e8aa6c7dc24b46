using System.Diagnostics;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Unit.Training.Fitting;

[Collection(Alone.Name)]
[Trait("Category", "Kernels")]
public sealed class FitTests
{
    private static readonly FitOptions Options = new([128], 20, 64, 1e-3, 0, 1);

    [Fact]
    public void Fifty_thousand_rows_and_a_hundred_epochs_take_less_than_a_minute()
    {
        long start = Stopwatch.GetTimestamp();
        Run(SampleRows.Of(50_000), Options with { Epochs = 10 });
        double seconds = 10 * Stopwatch.GetElapsedTime(start).TotalSeconds;

        TestContext.Current.SendDiagnosticMessage($"50,000 rows x 100 epochs: {seconds:F1} s");
        Assert.True(seconds < 60, $"{seconds:F1} s");
    }

    [Fact]
    public void The_best_pass_is_kept_and_patience_ends_the_training()
    {
        RowSet few = SampleRows.Of(60);
        Fit all = Run(few, Options with { Epochs = 300, Rate = 0.02 });
        Fit patient = Run(few, Options with { Epochs = 300, Rate = 0.02, Patience = 10 });

        Assert.Equal(300, all.Epochs.Count);
        Assert.Equal(all.Epochs.Min(epoch => epoch.Validation.Total), all.Best.Validation.Total);
        Assert.Equal(patient.Best.Epoch + 10, patient.Epochs.Count);
        Assert.Equal(patient.Best.Validation, Fit.Assess(patient.Network, SampleRows.Of(2000, stream: 51), SampleRows.Objective));
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_on_any_thread()
    {
        RowSet set = SampleRows.Of(1000);
        float[][] runs = new float[3][];
        Parallel.For(0, runs.Length, i => runs[i] = Run(set, Options with { Epochs = 3, Seed = i == 2 ? 8ul : 7ul }).Network.Parameters);

        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
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

        Fit fit = Fit.Run(set, set, objective, Options with { Hidden = [8], Epochs = 30, Rate = 0.01 }, new Progress<long>(), CancellationToken.None);
        float[] logits = new float[losses.Length];
        Fit.Assess(fit.Network, set, objective, logits);

        double[] predicted = [.. logits.Take(8).Select((logit, i) => -(logit + (objective.LatencyWeight * objective.Costs[i % 4])) / objective.Lambda)];
        double[] expected = [4, 2, 1, 0.1, 0.4, 0.2, 0.1, 0.01];
        Assert.All(expected.Zip(predicted), pair => Assert.InRange(pair.Second / pair.First, 0.8, 1.25));
    }

    private static Fit Run(RowSet set, FitOptions options) =>
        Fit.Run(set, SampleRows.Of(2000, stream: 51), SampleRows.Objective, options, new Progress<long>(), CancellationToken.None);
}
