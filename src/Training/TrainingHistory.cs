using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>What the stage train writes about itself.</summary>
internal static class TrainingHistory
{
    /// <summary>The log of the candidate that was kept.</summary>
    public static TrainingLog Of(TrainingSet set, Selection selection, IReadOnlyList<FeatureImportance> importance, string dataSha256)
    {
        Candidate best = selection.Best;
        return new()
        {
            Format = TrainingLog.Version,
            Labels = set.Labels,
            Seed = best.Run.Seed,
            Lambda = best.Run.Objective.Lambda,
            LatencyWeight = best.Run.Objective.LatencyWeight,
            Rows = new Dictionary<string, long> { [DatasetTable.Train] = set.Train.Rows, [DatasetTable.Validation] = set.Validation.Rows },
            Tiers = [.. set.Tiers.Select(tier => tier.ToString())],
            Features = [.. set.Features.Select(scale => SaliencyFeatures.Name(scale.Feature))],
            Epochs = [.. best.Fit.Epochs.Select(epoch => new EpochRecord(epoch.Epoch, Rounded(epoch.Train), Rounded(epoch.Validation)))],
            BestEpoch = best.Fit.Best.Epoch,
            Confusion = ConfusionOf(set, best),
            Calibration = Calibration.Of(best.Logits, set.Validation.Labels),
            Importance = importance,
            Lambdas = [.. selection.Weights.Select(TrialOf)],
            Seeds = [.. selection.Seeds.Select(TrialOf)],
            Budget = [.. best.Curve.Prices.Zip(best.Curve.Bits, (price, bits) => new BudgetPoint(price, bits))],
            DataSha256 = dataSha256,
        };
    }

    private static LossTerms Rounded(LossTerms terms) => new(
        Figure.Round(terms.CrossEntropy), Figure.Round(terms.Latency), Figure.Round(terms.Accuracy), Figure.Round(terms.Total), Figure.Round(terms.Correct!.Value));

    private static long[][] ConfusionOf(TrainingSet set, Candidate best)
    {
        long[][] confusion = [.. set.Tiers.Select(_ => new long[set.Tiers.Count])];
        foreach ((int label, int choice) in set.Validation.Labels.Zip(best.Choices))
        {
            confusion[label][choice]++;
        }

        return confusion;
    }

    private static TrainingTrial TrialOf(Candidate candidate) => new(
        candidate.Run.Objective.Lambda,
        candidate.Run.Objective.LatencyWeight,
        candidate.Run.Seed,
        Figure.Round(candidate.Fit.Best.Validation.Total),
        Figure.Round(candidate.Fit.Best.Validation.Correct!.Value),
        Figure.Round(candidate.Matched.Loss),
        Figure.Round(candidate.Matched.GapClosed),
        Figure.Round(candidate.MeanBits));
}
