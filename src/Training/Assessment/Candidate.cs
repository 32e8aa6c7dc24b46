using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Assessment;

/// <summary>A trained network and what it does to the validation rows.</summary>
/// <param name="Fit">The network, and how it came about.</param>
/// <param name="Run">What it minimised, and its seed.</param>
/// <param name="Logits">Of the validation rows, [rows][tiers].</param>
/// <param name="Curve">What prices lead to.</param>
/// <param name="Matched">Losses at equal bits.</param>
/// <param name="MeanBits">Effective bits of its choices without a price.</param>
internal sealed record Candidate(Fit Fit, FitRun Run, float[] Logits, BudgetCurve Curve, MatchedBits Matched, double MeanBits)
{
    /// <summary>Judges a network on the validation rows.</summary>
    public static Candidate Of(Fit fit, FitRun run, TrainingSet set, IReadOnlyList<TierCost> costs)
    {
        double[] bits = [.. costs.Select(cost => cost.Bits)];
        float[] logits = new float[set.Validation.Losses.Length];
        Fit.Assess(fit.Network, set.Validation, run.Objective, logits);
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = run.Objective.Logit(logits[i], i % bits.Length);
        }

        BudgetCurve curve = BudgetCurve.Of(logits, bits);
        double mean = ChoicesOf(logits, bits.Length).Average(choice => bits[choice]);
        return new Candidate(fit, run, logits, curve, MatchedBits.Of(set.Validation, set.LossScale, logits, curve, bits), mean);
    }

    /// <summary>Networks side by side, whose outputs are averaged.</summary>
    /// <param name="seeds">Of one objective.</param>
    /// <param name="best">Whose passes stand for all.</param>
    /// <param name="set">The rows.</param>
    /// <param name="costs">Of the tiers.</param>
    public static Candidate MeanOf(IReadOnlyList<Candidate> seeds, Candidate best, TrainingSet set, IReadOnlyList<TierCost> costs)
    {
        Network mean = Network.MeanOf([.. seeds.Select(candidate => candidate.Fit.Network)]);
        EpochRecord record = best.Fit.Best with { Validation = Fit.Assess(mean, set.Validation, best.Run.Objective) };
        return Of(best.Fit with { Network = mean, Best = record }, best.Run, set, costs);
    }

    /// <summary>Place of the likeliest tier, by row.</summary>
    public IEnumerable<int> Choices => ChoicesOf(Logits, Run.Objective.Costs.Length);

    private static IEnumerable<int> ChoicesOf(float[] logits, int tiers) => logits.Chunk(tiers).Select(row => Array.IndexOf(row, row.Max()));
}
