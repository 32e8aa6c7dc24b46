using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Assessment;

/// <summary>A trained network and what it does to the validation rows.</summary>
/// <param name="Fit">The network, and how it came about.</param>
/// <param name="Objective">What it was trained on.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Logits">Of the validation rows, [rows][tiers].</param>
/// <param name="Curve">What prices lead to.</param>
/// <param name="Matched">Losses at equal bits.</param>
/// <param name="MeanBits">Effective bits of its choices without a price.</param>
internal sealed record Candidate(Fit Fit, Objective Objective, ulong Seed, float[] Logits, BudgetCurve Curve, MatchedBits Matched, double MeanBits)
{
    /// <summary>Judges a network on the validation rows.</summary>
    public static Candidate Of(Fit fit, Objective objective, ulong seed, TrainingSet set, IReadOnlyList<TierCost> costs)
    {
        double[] bits = [.. costs.Select(cost => cost.Bits)];
        float[] logits = new float[set.Validation.Losses.Length];
        Fit.Assess(fit.Network, set.Validation, objective, logits);
        BudgetCurve curve = BudgetCurve.Of(logits, bits);
        double mean = ChoicesOf(logits, bits.Length).Average(choice => bits[choice]);
        return new Candidate(fit, objective, seed, logits, curve, MatchedBits.Of(set.Validation, set.LossScale, logits, curve, bits), mean);
    }

    /// <summary>Networks side by side, whose outputs are averaged.</summary>
    /// <param name="seeds">Of one objective.</param>
    /// <param name="best">Whose passes stand for all.</param>
    /// <param name="set">The rows.</param>
    /// <param name="costs">Of the tiers.</param>
    public static Candidate MeanOf(IReadOnlyList<Candidate> seeds, Candidate best, TrainingSet set, IReadOnlyList<TierCost> costs)
    {
        Network mean = Network.MeanOf([.. seeds.Select(candidate => candidate.Fit.Network)]);
        EpochRecord record = best.Fit.Best with { Validation = Fit.Assess(mean, set.Validation, best.Objective) };
        return Of(best.Fit with { Network = mean, Best = record }, best.Objective, best.Seed, set, costs);
    }

    /// <summary>Place of the likeliest tier, by row.</summary>
    public IEnumerable<int> Choices => ChoicesOf(Logits, Objective.Costs.Length);

    private static IEnumerable<int> ChoicesOf(float[] logits, int tiers) => logits.Chunk(tiers).Select(row => Array.IndexOf(row, row.Max()));
}
