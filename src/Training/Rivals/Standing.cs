using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Rivals;

/// <summary>How one of those that are compared does on the validation rows.</summary>
/// <param name="Name">Who.</param>
/// <param name="Matched">Losses at the bits that the labels take.</param>
/// <param name="Accuracy">Share of rows whose likeliest tier is the label, without a price.</param>
/// <param name="LogLoss">Mean -log p of the label, nats; null where logits are no logarithms of probabilities.</param>
/// <param name="Resamples">The losses in each resample of the items.</param>
/// <param name="AccuracyRange">Over the resamples.</param>
internal sealed record Standing(string Name, MatchedBits Matched, double Accuracy, double? LogLoss, MatchedBits[] Resamples, Interval AccuracyRange)
{
    /// <summary>Judges on rows.</summary>
    /// <param name="name">Who.</param>
    /// <param name="logits">[rows][tiers].</param>
    /// <param name="areProbabilities">Whether their exponentials are, but for a factor.</param>
    /// <param name="set">Whose validation rows.</param>
    /// <param name="bits">Effective bits of each tier.</param>
    /// <param name="resamples">Of these rows.</param>
    public static Standing Of(string name, float[] logits, bool areProbabilities, TrainingSet set, IReadOnlyList<double> bits, ItemResamples resamples)
    {
        int[] labels = set.Validation.Labels;
        bool[] isRight = [.. logits.Chunk(bits.Count).Select((row, i) => Array.IndexOf(row, row.Max()) == labels[i])];
        return new Standing(
            name,
            MatchedBits.Of(set.Validation, set.LossScale, logits, BudgetCurve.Of(logits, bits), bits),
            isRight.Average(right => right ? 1.0 : 0),
            areProbabilities ? logits.Chunk(bits.Count).Select((row, i) => LogSum(row) - row[labels[i]]).Average() : null,
            resamples.Matched(set.LossScale, logits, bits),
            Interval.Of(resamples.Of(rows => rows.Average(row => isRight[row] ? 1.0 : 0))));
    }

    /// <summary>The gap closed, over the resamples.</summary>
    public Interval GapRange => Interval.Of(Resamples.Select(matched => matched.GapClosed));

    /// <summary>The loss, over the resamples.</summary>
    public Interval LossRange => Interval.Of(Resamples.Select(matched => matched.Loss));

    /// <summary>How much more it loses than another, resample by resample.</summary>
    public Interval Above(Standing other) => Interval.Of(Resamples.Zip(other.Resamples, (own, theirs) => own.Loss - theirs.Loss));

    private static double LogSum(float[] row)
    {
        double most = row.Max();
        return most + Math.Log(row.Sum(logit => Math.Exp(logit - most)));
    }
}
