using System.Text.Json;
using System.Text.Json.Nodes;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>What each width costs a decoded token on this machine: what training weighs its choices with.</summary>
public static class CostTable
{
    private const string Prefix = "static-";

    /// <summary>A JSON document: milliseconds and effective bits of the policies of one width, at the greatest depth that was measured.</summary>
    /// <param name="report">A measurement of policies such as static-4; others are left out.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static string Json(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        JsonObject tiers = [];
        foreach (SpeedSummary policy in report.Policies)
        {
            string width = policy.Policy.Split('+')[0];
            if (width.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(width.AsSpan(Prefix.Length), out _))
            {
                DepthSummary deepest = policy.Depths[^1];
                tiers[width[Prefix.Length..]] = new JsonObject { ["ms"] = deepest.MsPerToken, ["bits"] = deepest.EffectiveBits };
            }
        }

        return tiers.Count == 0
            ? throw new ArgumentException("no policy of one width was measured: name some with --policies, such as static-4")
            : new JsonObject
            {
                ["depth"] = report.Settings.Depths[^1],
                ["machine"] = report.Run.Machine.Cpu,
                ["model_sha256"] = report.Run.ModelSha256,
                ["tiers"] = tiers,
            }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }
}
