using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>The figures of a trained controller, all on the validation split.</summary>
internal static class TrainingMetrics
{
    /// <summary>How the shares of the tiers among the choices are named: "share_2".</summary>
    public const string Share = "share_";

    /// <summary>Figures by name.</summary>
    public static Dictionary<string, double> Of(TrainingSet set, Candidate best, IReadOnlyList<Candidate> seeds)
    {
        LossTerms terms = best.Fit.Best.Validation;
        int[] choices = [.. best.Choices];
        Dictionary<string, double> metrics = new()
        {
            ["cross_entropy"] = terms.CrossEntropy,
            ["latency"] = terms.Latency,
            ["accuracy"] = terms.Accuracy,
            ["total"] = terms.Total,
            ["correct"] = terms.Correct,
            ["mean_bits"] = best.MeanBits,
        };
        foreach ((int index, KvCache.KvTier tier) in set.Tiers.Index())
        {
            metrics.Add($"{Share}{tier}", (double)choices.Count(choice => choice == index) / choices.Length);
        }

        metrics.Add("matched_bits", best.Matched.Bits);
        metrics.Add("matched_loss", best.Matched.Loss);
        metrics.Add("random_loss", best.Matched.Random);
        metrics.Add("oracle_loss", best.Matched.Oracle);
        metrics.Add("gap_closed", best.Matched.GapClosed);
        metrics.Add("lambda", best.Objective.Lambda);
        metrics.Add("latency_weight", best.Objective.LatencyWeight);
        metrics.Add("loss_scale", set.LossScale);
        metrics.Add("best_epoch", best.Fit.Best.Epoch);
        metrics.Add("train_rows", set.Train.Rows);
        metrics.Add("validation_rows", set.Validation.Rows);
        double[] losses = [.. seeds.Select(candidate => candidate.Matched.Loss)];
        double mean = losses.Average();
        metrics.Add("seeds", seeds.Count);
        metrics.Add("seeds_loss_mean", mean);
        metrics.Add("seeds_loss_std", Math.Sqrt(losses.Sum(loss => (loss - mean) * (loss - mean)) / Math.Max(1, losses.Length - 1)));
        return metrics.ToDictionary(metric => metric.Key, metric => Figure.Round(metric.Value));
    }
}
