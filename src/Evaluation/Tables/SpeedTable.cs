using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>A speed measurement for people: decoding by policy and depth, prefill and the fitted line by policy, and what the figures mean.</summary>
public static class SpeedTable
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(SpeedReport report) =>
        $"{Title(report)}\n\n{string.Concat(All(report).Select(table => table.ToText() + '\n'))}{string.Join('\n', Notes(report))}\n";

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(SpeedReport report) =>
        $"**{Title(report)}**\n\n{string.Concat(All(report).Select(table => table.ToMarkdown() + '\n'))}- {string.Join("\n- ", Notes(report))}\n";

    private static string Title(SpeedReport report) => RunLines.Title(
        report.Run, $"{RunLines.Count(report.Settings.DecodeTokens, "token")} at {RunLines.Count(report.Settings.Depths.Count, "depth")}, {RunLines.Count(report.Settings.Repeats, "repeat")}");

    private static IEnumerable<TextTable> All(SpeedReport report) =>
        [Depths(report), Policies(report), .. report.Settings.PrefillDepths.Count == 0 ? (TextTable[])[] : [Prefills(report)], .. report.Batches.Count == 0 ? (TextTable[])[] : [Batches(report)]];

    internal static TextTable Depths(SpeedReport report)
    {
        var table = new TextTable("policy", "depth", "tokens/s", "ms/token", "p5", "p95", "choice us", "n", "KV MB", "bits");
        foreach (SpeedSummary policy in report.Policies)
        {
            foreach (DepthSummary depth in policy.Depths)
            {
                table.Add(
                    policy.Policy,
                    $"{depth.Depth}",
                    Cell.Number(depth.TokensPerSecond, "0.0"),
                    Cell.Number(depth.MsPerToken, "0.000"),
                    Cell.Number(depth.MsP5, "0.000"),
                    Cell.Number(depth.MsP95, "0.000"),
                    Cell.Number(depth.DecisionMicroseconds, "0.0"),
                    $"{depth.Steps}",
                    Cell.Number(depth.KvBytes / 1e6, "0.00"),
                    Cell.Number(depth.EffectiveBits, "0.00"));
            }
        }

        return table;
    }

    private static TextTable Policies(SpeedReport report)
    {
        var table = new TextTable("policy", "prefill tokens/s", "slowest", "fastest", "n", "first token ms", "a ms", "c ms/1000");
        foreach (SpeedSummary policy in report.Policies)
        {
            table.Add(
                policy.Policy,
                Cell.Number(policy.PrefillTokensPerSecond, "0.0"),
                Cell.Number(policy.PrefillLowest, "0.0"),
                Cell.Number(policy.PrefillHighest, "0.0"),
                $"{report.Settings.Repeats}",
                Cell.Number(policy.FirstTokenMs, "0.0"),
                Cell.Number(policy.BaseMs, "0.000"),
                Cell.Number(policy.MsPerThousandPositions, "0.000"));
        }

        return table;
    }

    private static TextTable Prefills(SpeedReport report)
    {
        var table = new TextTable("policy", "prompt at", "tokens/s", "slowest", "fastest", "n", "with logits ms");
        foreach (IGrouping<(string, int), PrefillRecord> place in report.Prefills.GroupBy(record => (record.Policy, record.Depth)))
        {
            double[] rates = [.. place.Select(record => 1000 * record.Tokens / record.PrefillMs)];
            table.Add(
                place.Key.Item1,
                $"{place.Key.Item2}",
                Cell.Number(Quantile.Median(rates), "0.0"),
                Cell.Number(rates.Min(), "0.0"),
                Cell.Number(rates.Max(), "0.0"),
                $"{rates.Length}",
                Cell.Number(Quantile.Median([.. place.Select(record => record.PrefillMs + record.LogitsMs)]), "0.0"));
        }

        return table;
    }

    private static TextTable Batches(SpeedReport report)
    {
        var table = new TextTable("policy", "depth", "sessions", "tokens/s", "slowest", "fastest", "n", "times the fewest", "lowest", "highest");
        foreach (IGrouping<(string, int), BatchRecord> place in report.Batches.GroupBy(record => (record.Policy, record.Depth)))
        {
            Dictionary<int, double> fewest = place.GroupBy(record => record.Sessions).MinBy(size => size.Key)!.ToDictionary(record => record.Repeat, record => record.TokensPerSecond);
            foreach (IGrouping<int, BatchRecord> size in place.GroupBy(record => record.Sessions).OrderBy(size => size.Key))
            {
                double[] rates = [.. size.Select(record => record.TokensPerSecond)], ratios = [.. size.Select(record => record.TokensPerSecond / fewest[record.Repeat])];
                table.Add(
                    place.Key.Item1,
                    $"{place.Key.Item2}",
                    $"{size.Key}",
                    Cell.Number(Quantile.Median(rates), "0.0"),
                    Cell.Number(rates.Min(), "0.0"),
                    Cell.Number(rates.Max(), "0.0"),
                    $"{rates.Length}",
                    Cell.Number(Quantile.Median(ratios), "0.00"),
                    Cell.Number(ratios.Min(), "0.00"),
                    Cell.Number(ratios.Max(), "0.00"));
            }
        }

        return table;
    }

    private static IEnumerable<string> Notes(SpeedReport report) =>
    [
        "ms/token: median of n single steps after warm-up, with their 5 % and 95 % points; a step ends when the logits are there and the token is encoded; tokens/s: 1000 / ms; choice: the part of a step that sees the token's features and chooses its tier",
        $"prefill: a prompt of {report.Settings.PrefillTokens} read into an empty cache, without logits: median, slowest and fastest of n; first token: until its logits are there",
        .. report.Settings.PrefillDepths.Count == 0 ? (string[])[] : ["prompt at: the same after so many cached tokens; with logits: read, encoded, and the logits of its last token"],
        "a, c: ms/token = a + c * position, least squares over the medians of every depth and repeat; KV MB and bits: allocated by the cache at the depth",
        .. report.Batches.Count == 0 ? (string[])[] : ["sessions: that decoded together, each with a cache of its own; tokens/s: of all of them, median, slowest and fastest of n repeats; times the fewest: the same within each repeat"],
        .. RunLines.Provenance(report.Run, report.Seconds, report.PeakRssBytes),
    ];
}
