using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>The figures of a trained controller, all on the validation split.</summary>
internal static class TrainingMetrics
{
    /// <summary>How the shares of the tiers among the choices are named: "share_2".</summary>
    public const string Share = "share_";

    private static readonly StageMetric CrossEntropy = new("loss_cross_entropy", Better.Less, "-log p of the label", "nats");
    private static readonly StageMetric Latency = new("loss_latency", Better.Less, "expected cost of the choice, 0 to 1, without its weight");
    private static readonly StageMetric Accuracy = new("loss_accuracy", Better.Less, "expected loss of quality by the choice, without its weight");
    private static readonly StageMetric Total = new("loss_total", Better.Less, "what is minimized");
    private static readonly StageMetric Correct = new("label_accuracy", Better.More, "share of rows whose likeliest tier is the label");
    private static readonly StageMetric MatchedLoss = new("matched_loss", Better.Less, "mean loss of the choices at the labels' bits", "nats");
    private static readonly StageMetric RandomLoss = new("random_loss", Better.Neither, "of chance at the same bits", "nats");
    private static readonly StageMetric OracleLoss = new("oracle_loss", Better.Neither, "of the best choices at the same bits", "nats");
    private static readonly StageMetric GapClosed = new("gap_closed", Better.More, "share of the way from chance to these");
    private static readonly StageMetric GapLow = new("gap_closed_low", Better.Neither, "lower end of its 95 % interval, over resamples of the items");
    private static readonly StageMetric GapHigh = new("gap_closed_high", Better.Neither, "upper end of it");
    private static readonly StageMetric LossScale = new("loss_scale", Better.Neither, "what losses were divided by for training", "nats");
    private static readonly StageMetric SeedsLossMean = new("seeds_loss_mean", Better.Less, "matched_loss, mean over the seeds", "nats");
    private static readonly StageMetric SeedsLossStd = new("seeds_loss_std", Better.Less, "its standard deviation over them", "nats");

    /// <summary>The figures of which one value is better, or could be taken for it.</summary>
    public static IReadOnlyList<StageMetric> Declared { get; } =
        [CrossEntropy, Latency, Accuracy, Total, Correct, MatchedLoss, RandomLoss, OracleLoss, GapClosed, GapLow, GapHigh, LossScale, SeedsLossMean, SeedsLossStd];

    /// <summary>Figures by name.</summary>
    public static Dictionary<string, double> Of(TrainingSet set, Candidate best, IReadOnlyList<Candidate> seeds, IReadOnlyList<TierCost> costs)
    {
        LossTerms terms = best.Fit.Best.Validation;
        int[] choices = [.. best.Choices];
        Dictionary<string, double> metrics = new()
        {
            [CrossEntropy.Name] = terms.CrossEntropy,
            [Latency.Name] = terms.Latency,
            [Accuracy.Name] = terms.Accuracy,
            [Total.Name] = terms.Total,
            [Correct.Name] = terms.Correct!.Value,
            ["mean_bits"] = best.MeanBits,
        };
        foreach ((int index, KvCache.KvTier tier) in set.Tiers.Index())
        {
            metrics.Add($"{Share}{tier}", (double)choices.Count(choice => choice == index) / choices.Length);
        }

        metrics.Add("matched_bits", best.Matched.Bits);
        metrics.Add(MatchedLoss.Name, best.Matched.Loss);
        metrics.Add(RandomLoss.Name, best.Matched.Random);
        metrics.Add(OracleLoss.Name, best.Matched.Oracle);
        metrics.Add(GapClosed.Name, best.Matched.GapClosed);
        MatchedBits[] resamples = new ItemResamples(set.Validation, best.Run.Seed).Matched(set.LossScale, best.Logits, [.. costs.Select(cost => cost.Bits)]);
        Interval gap = Interval.Of(resamples.Select(matched => matched.GapClosed));
        metrics.Add(GapLow.Name, gap.Low);
        metrics.Add(GapHigh.Name, gap.High);
        metrics.Add("lambda", best.Run.Objective.Lambda);
        metrics.Add("latency_weight", best.Run.Objective.LatencyWeight);
        metrics.Add(LossScale.Name, set.LossScale);
        metrics.Add("best_epoch", best.Fit.Best.Epoch);
        metrics.Add("train_rows", set.Train.Rows);
        metrics.Add("validation_rows", set.Validation.Rows);
        double[] losses = [.. seeds.Select(candidate => candidate.Matched.Loss)];
        double mean = losses.Average();
        metrics.Add("seeds", seeds.Count);
        metrics.Add(SeedsLossMean.Name, mean);
        metrics.Add(SeedsLossStd.Name, Math.Sqrt(losses.Sum(loss => (loss - mean) * (loss - mean)) / Math.Max(1, losses.Length - 1)));
        return metrics.ToDictionary(metric => metric.Key, metric => Figure.Round(metric.Value));
    }
}
