using System.Globalization;
using System.Text.RegularExpressions;
using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Shares of tokens by tier, a bar for each policy.</summary>
internal static partial class TierFigure
{
    private const string Title = "Shares of tokens by tier";

    // The last tier of each shade but the darkest, in bits.
    private static readonly double[] ShadeEnds = [2.5, 3.5, 6, 12];

    public static ReportFigure Of(EvaluationReport report)
    {
        string[] tiers = [.. report.Policies.SelectMany(policy => policy.Tiers.Keys).Distinct().OrderBy(BitsOf).ThenBy(tier => tier, StringComparer.Ordinal)];
        TextTable table = new(["policy", .. tiers]);
        List<(string, IReadOnlyList<(string, double, int)>)> bars = [];
        foreach (PolicySummary policy in report.Policies)
        {
            double total = Math.Max(1, policy.Tiers.Values.Sum());
            table.Add([policy.Policy, .. tiers.Select(tier => policy.Tiers.TryGetValue(tier, out long tokens) ? $"{100 * tokens / total:0.0} %" : Cell.None)]);
            bars.Add((policy.Policy, [.. tiers.Where(policy.Tiers.ContainsKey).Select(tier => (tier, policy.Tiers[tier] / total, Shade(tier)))]));
        }

        string description = $"Shares of tokens kept at {string.Join(", ", tiers)} bits, for {string.Join(", ", report.Policies.Select(policy => policy.Policy))}.";
        return new ReportFigure(Title, "A tier is the bits of keys and values alike, or k and v apart; darker is more bits.", table)
        {
            Pictures = [new StackedBarPlot(Title, description, bars)],
        };
    }

    private static int Shade(string tier) => ShadeEnds.Count(end => BitsOf(tier) > end);

    // "4" or "k4v2": the mean of what it names.
    private static double BitsOf(string tier) =>
        Number().Matches(tier).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Average();

    [GeneratedRegex("[0-9]{1,4}")]
    private static partial Regex Number();
}
