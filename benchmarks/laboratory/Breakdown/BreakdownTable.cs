using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>A breakdown of prompts and decoded tokens for people: a table per policy, its parts by depth, and at the greatest depth how near the machine's limits they are.</summary>
internal static class BreakdownTable
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(BreakdownReport report) =>
        $"{Title(report)}\n\n{string.Concat(Policies(report).Select(policy => $"{policy.Name}\n{policy.Table.ToText()}\n"))}{string.Join('\n', Notes(report))}\n";

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(BreakdownReport report) =>
        $"**{Title(report)}**\n\n{string.Concat(Policies(report).Select(policy => $"`{policy.Name}`\n\n{policy.Table.ToMarkdown()}\n"))}- {string.Join("\n- ", Notes(report))}\n";

    private static string Title(BreakdownReport report) => RunLines.Title(
        report.Run, $"microseconds of a token by part, median of {RunLines.Count(report.Settings.Repeats, "prompt")} and of {report.Settings.DecodeTokens * report.Settings.Repeats} steps");

    private static IEnumerable<(string Name, TextTable Table)> Policies(BreakdownReport report) =>
        report.Prompts.Select(prompt => ($"{prompt.Policy}, a token of a prompt of {prompt.Depth}", Table([prompt], report.Limits)))
            .Concat(ByDepth(report, report.Steps, "a decoded token"))
            .Concat(ByDepth(report, report.Together, $"a decoded token of {report.Sessions} sessions that take steps together"));

    private static IEnumerable<(string Name, TextTable Table)> ByDepth(BreakdownReport report, IReadOnlyList<StepBreakdown> steps, string what) =>
        steps.GroupBy(step => step.Policy).Select(policy => ($"{policy.Key}, {what}", Table([.. policy], report.Limits)));

    private static TextTable Table(IReadOnlyList<StepBreakdown> steps, MachineLimits limits)
    {
        TextTable table = new(["part", .. steps.Select(step => $"us at {step.Depth}"), "MB", "GB/s", "of memory", "of arithmetic"]);
        for (int i = 0; i < steps[0].Parts.Count; i++)
        {
            StepShare deepest = steps[^1].Parts[i];
            bool reads = deepest.Work.Bytes > 0 && deepest.Microseconds > 0, multiplies = deepest.Work.Int8Products + deepest.Work.FloatProducts > 0 && deepest.Microseconds > 0;
            table.Add(
            [
                deepest.Part,
                .. steps.Select(step => Cell.Number(step.Parts[i].Microseconds, "0")),
                reads ? Cell.Number(deepest.Work.Bytes / 1e6, "0.0") : Cell.None,
                reads ? Cell.Number(deepest.GigabytesPerSecond, "0.0") : Cell.None,
                reads ? Cell.Number(100 * deepest.ShareOfMemory(limits), "0 '%'") : Cell.None,
                multiplies ? Cell.Number(100 * deepest.ShareOfArithmetic(limits), "0 '%'") : Cell.None,
            ]);
        }

        Total(table, "sum of the parts", steps, step => step.SumMicroseconds);
        Total(table, "whole, timed by part", steps, step => step.TimedMicroseconds);
        Total(table, "whole", steps, step => step.WholeMicroseconds);
        return table;
    }

    private static void Total(TextTable table, string name, IReadOnlyList<StepBreakdown> steps, Func<StepBreakdown, double> total) =>
        table.Add([name, .. steps.Select(step => Cell.Number(total(step), "0")), Cell.None, Cell.None, Cell.None, Cell.None]);

    private static IEnumerable<string> Notes(BreakdownReport report)
    {
        MachineLimits limits = report.Limits;
        return
        [
            $"limits, measured just before with {RunLines.Count(limits.Threads, "thread")}: memory {limits.MemoryGigabytesPerSecond:0.0} GB/s, last cache {limits.CacheGigabytesPerSecond:0.0} GB/s, "
                + $"{limits.Int8GigaProductsPerSecond:0} G int8 products/s, {limits.FloatGigaProductsPerSecond:0} G float products/s",
            "MB, GB/s and shares: at the greatest depth; of memory: least time of its bytes at the memory's rate over its time (above 100 %: read from caches); of arithmetic: the same of its products",
            "parts: mean over the threads; attention is split by timing every sixteenth block; choice: features and tier; coding: moving the token to its tier; a prompt's token: the mean of the prompt, without logits, its cached past counted as floats; whole: another session, whose parts were not timed, in turns with the first; sessions together: a step's time divided by them, outside the layers: staging, features, tiers and codes",
            .. RunLines.Provenance(report.Run, report.Seconds, null),
        ];
    }
}
