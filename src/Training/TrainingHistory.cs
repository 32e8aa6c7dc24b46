using System.Text.Json.Serialization;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>How a controller was trained: what the report draws. It holds no times, so that the same seed gives the same bytes.</summary>
internal sealed record TrainingHistory
{
    public int Format { get; init; } = 1;

    public required string Labels { get; init; }

    public required ulong Seed { get; init; }

    public required double Lambda { get; init; }

    public required double LatencyWeight { get; init; }

    public required SplitRows Rows { get; init; }

    public required IReadOnlyList<string> Tiers { get; init; }

    public required IReadOnlyList<string> Features { get; init; }

    public required IReadOnlyList<EpochTerms> Epochs { get; init; }

    public required int BestEpoch { get; init; }

    /// <summary>Validation rows by label (outer) and choice (inner).</summary>
    public required IReadOnlyList<int[]> Confusion { get; init; }

    public required IReadOnlyList<CalibrationBin> Calibration { get; init; }

    public required IReadOnlyList<FeatureImportance> Importance { get; init; }

    /// <summary>One record per pair of weights that was tried.</summary>
    public required IReadOnlyList<Trial> Lambdas { get; init; }

    /// <summary>One record per seed that was tried.</summary>
    public required IReadOnlyList<Trial> Seeds { get; init; }

    public required IReadOnlyList<BudgetPoint> Budget { get; init; }

    [JsonPropertyName("data_sha256")]
    public required string DataSha256 { get; init; }

    /// <summary>The history of the candidate that was kept.</summary>
    public static TrainingHistory Of(
        TrainingSet set, Selection selection, IReadOnlyList<FeatureImportance> importance, string dataSha256)
    {
        Candidate best = selection.Best;
        return new()
        {
            Labels = set.Labels,
            Seed = best.Run.Seed,
            Lambda = best.Run.Objective.Lambda,
            LatencyWeight = best.Run.Objective.LatencyWeight,
            Rows = new SplitRows(set.Train.Rows, set.Validation.Rows),
            Tiers = [.. set.Tiers.Select(tier => tier.ToString())],
            Features = [.. set.Features.Select(scale => SaliencyFeatures.Name(scale.Feature))],
            Epochs = [.. best.Fit.Epochs.Select(epoch => new EpochTerms(epoch.Epoch, Rounded(epoch.Train), Rounded(epoch.Validation)))],
            BestEpoch = best.Fit.Best.Epoch,
            Confusion = ConfusionOf(set, best),
            Calibration = CalibrationBin.Of(best.Logits, set.Validation.Labels),
            Importance = importance,
            Lambdas = [.. selection.Weights.Select(Trial.Of)],
            Seeds = [.. selection.Seeds.Select(Trial.Of)],
            Budget = [.. best.Curve.Prices.Zip(best.Curve.Bits, (price, bits) => new BudgetPoint(price, bits))],
            DataSha256 = dataSha256,
        };
    }

    private static LossTerms Rounded(LossTerms terms) => new(
        Figure.Round(terms.CrossEntropy), Figure.Round(terms.Latency), Figure.Round(terms.Accuracy), Figure.Round(terms.Total), Figure.Round(terms.Correct));

    private static int[][] ConfusionOf(TrainingSet set, Candidate best)
    {
        int[][] confusion = [.. set.Tiers.Select(_ => new int[set.Tiers.Count])];
        foreach ((int label, int choice) in set.Validation.Labels.Zip(best.Choices))
        {
            confusion[label][choice]++;
        }

        return confusion;
    }

    /// <summary>Rows of each split.</summary>
    internal sealed record SplitRows(int Train, int Validation);

    /// <summary>The terms of the loss, each without its weight, after a pass.</summary>
    internal sealed record EpochTerms(int Epoch, LossTerms Train, LossTerms Validation);

    /// <summary>A point of the budget curve.</summary>
    internal sealed record BudgetPoint(double Price, double Bits);

    /// <summary>A network that was tried, by its figures on validation.</summary>
    internal sealed record Trial(
        double Lambda, double LatencyWeight, ulong Seed, double Total, double Correct, double MatchedLoss, double GapClosed, double MeanBits)
    {
        public static Trial Of(Candidate candidate) => new(
            candidate.Run.Objective.Lambda,
            candidate.Run.Objective.LatencyWeight,
            candidate.Run.Seed,
            Figure.Round(candidate.Fit.Best.Validation.Total),
            Figure.Round(candidate.Fit.Best.Validation.Correct),
            Figure.Round(candidate.Matched.Loss),
            Figure.Round(candidate.Matched.GapClosed),
            Figure.Round(candidate.MeanBits));
    }
}
