using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Assessment;

/// <summary>
/// What choices lose at equal mean bits, where they can be compared: those of a network, tiers dealt by chance in the same shares, and an oracle that
/// knows every loss. All are measured on the tokens one by one, as the labels are.
/// </summary>
/// <param name="Bits">Mean effective bits: those that the labels take.</param>
/// <param name="Loss">Mean loss of the network's choices at the price that leads there.</param>
/// <param name="Random">Mean loss of the same shares of tiers, dealt by chance.</param>
/// <param name="Oracle">Mean loss of the best choices that take as many bits.</param>
internal sealed record MatchedBits(double Bits, double Loss, double Random, double Oracle)
{
    /// <summary>Share of the way from chance to the oracle.</summary>
    public double GapClosed => Random > Oracle ? (Random - Loss) / (Random - Oracle) : 0;

    /// <summary>Compares on rows.</summary>
    /// <param name="set">The rows.</param>
    /// <param name="scale">What the rows' losses were divided by.</param>
    /// <param name="logits">Of the network, [rows][tiers].</param>
    /// <param name="curve">Of the logits.</param>
    /// <param name="bits">Effective bits of each tier.</param>
    public static MatchedBits Of(RowSet set, double scale, float[] logits, BudgetCurve curve, IReadOnlyList<double> bits)
    {
        double target = set.Labels.Sum(label => bits[label]) / set.Rows;
        int[] choices = Choices(logits, bits, curve, target);
        double[] shares = new double[bits.Count];
        double[] means = new double[bits.Count];
        for (int row = 0; row < set.Rows; row++)
        {
            shares[choices[row]] += 1.0 / set.Rows;
            for (int tier = 0; tier < bits.Count; tier++)
            {
                means[tier] += set.Losses[(row * bits.Count) + tier] / (double)set.Rows;
            }
        }

        float[] known = [.. set.Losses.Select(loss => -loss)];
        int[] best = Choices(known, bits, BudgetCurve.Of(known, bits), target);
        return new MatchedBits(
            choices.Sum(choice => bits[choice]) / set.Rows,
            scale * MeanLoss(set, choices),
            scale * shares.Zip(means, (share, mean) => share * mean).Sum(),
            scale * MeanLoss(set, best));
    }

    private static double MeanLoss(RowSet set, int[] choices) => choices.Index().Sum(row => (double)set.Losses[(row.Index * set.Tiers) + row.Item]) / set.Rows;

    private static int[] Choices(float[] logits, IReadOnlyList<double> bits, BudgetCurve curve, double target)
    {
        double price = curve.PriceOf(Math.Clamp(target, curve.Bits[^1], curve.Bits[0]));
        int[] choices = new int[logits.Length / bits.Count];
        for (int row = 0; row < choices.Length; row++)
        {
            ReadOnlySpan<float> worths = logits.AsSpan(row * bits.Count, bits.Count);
            for (int tier = 1; tier < worths.Length; tier++)
            {
                int best = choices[row];
                choices[row] = worths[tier] - (price * bits[tier]) > worths[best] - (price * bits[best]) ? tier : best;
            }
        }

        return choices;
    }
}
