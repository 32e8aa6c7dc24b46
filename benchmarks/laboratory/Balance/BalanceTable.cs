using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Laboratory.Balance;

/// <summary>A balance for people: for each kind of step its parts, and the whole, by number of threads.</summary>
internal static class BalanceTable
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(BalanceReport report) =>
        $"{Title(report)}\n\n{string.Concat(report.Kinds.Select(kind => $"{kind.Kind}\n{Parts(report, kind).ToText()}\n{Whole(kind).ToText()}\n"))}{string.Join('\n', Notes(report))}\n";

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(BalanceReport report) =>
        $"**{Title(report)}**\n\n{string.Concat(report.Kinds.Select(kind => $"`{kind.Kind}`\n\n{Parts(report, kind).ToMarkdown()}\n{Whole(kind).ToMarkdown()}\n"))}- {string.Join("\n- ", Notes(report))}\n";

    private static string Title(BalanceReport report) => RunLines.Title(report.Run, $"shares of up to {RunLines.Count(report.Threads[^1], "thread")}, times of one, median of {RunLines.Count(report.Repeats, "step")}");

    private static TextTable Parts(BalanceReport report, StepBalance kind)
    {
        TextTable table = new(["part", "us", .. report.Threads.Select(threads => $"{threads} threads")]);
        foreach (PartBalance part in kind.Parts)
        {
            table.Add([part.Part, Cell.Number(part.Microseconds, "0"), .. part.Teams.Select(team => $"{team.Units}: {team.LargestShare:0.00}")]);
        }

        return table;
    }

    private static TextTable Whole(StepBalance kind)
    {
        TextTable table = new("threads", "barriers", "loops", "imbalance", "at most times one thread");
        foreach (TeamBalance team in kind.Teams)
        {
            table.Add($"{team.Threads}", $"{team.Barriers}", $"{team.Loops}", Cell.Number(team.Imbalance, "0.00"), Cell.Number(team.AtMost, "0.0"));
        }

        return table;
    }

    private static IEnumerable<string> Notes(BalanceReport report) =>
    [
        "parts: what lies between two barriers, under what takes most of its time; us: of all such together, on one thread; N threads: units of its loops (the median), and the largest share of a thread over the mean, "
            + "when threads take units as they come to them and each takes what it takes on one thread",
        "whole: imbalance: time until the last thread is done over the mean time of work, what every thread does for itself included; at most: with barriers that cost nothing and memory that keeps up",
        $"tokens at 4 bits ({StepKind.Policy}); codes: bringing staged tokens there",
        .. RunLines.Provenance(report.Run, report.Seconds, null),
    ];
}
