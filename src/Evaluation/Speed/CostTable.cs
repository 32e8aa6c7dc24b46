using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>What each width costs a decoded token on this machine: what training weighs its choices with.</summary>
public static class CostTable
{
    private const string Prefix = "static-";

    /// <summary>A JSON document: milliseconds and effective bits of the policies of one tier, at the greatest depth that was measured.</summary>
    /// <param name="report">A measurement of policies such as static-4; others are left out.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static string Json(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        List<TierCost> costs = [];
        foreach (SpeedSummary policy in report.Policies)
        {
            string name = policy.Policy.Split('+')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && KvTier.TryParse(name[Prefix.Length..], out KvTier tier))
            {
                costs.Add(new TierCost(tier, policy.Depths[^1].EffectiveBits, policy.Depths[^1].MsPerToken));
            }
        }

        return costs.Count > 0
            ? TierCosts.Json(report.Settings.Depths[^1], report.Run.Machine.Cpu, report.Run.ModelSha256, costs.DistinctBy(cost => cost.Tier))
            : throw new ArgumentException("no policy of one width was measured: name some with --policies, such as static-4");
    }
}
