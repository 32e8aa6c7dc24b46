namespace AdaptiveKv.Evaluation.Plots;

/// <summary>The colour and mark of a policy's kind: the same in every picture of every report.</summary>
internal static class PolicyStyle
{
    private static readonly (string Prefix, string Meaning, int Color, PointMark Mark)[] Kinds =
    [
        ("static-", "one tier for all", 0, PointMark.Circle),
        ("learned:", "a second controller's choice", 3, PointMark.Square),
        ("learned", "a controller's choice", 1, PointMark.Square),
        ("oracle", "knows what every token costs", 2, PointMark.Diamond),
        ("rule-", "a threshold of one feature", 4, PointMark.Triangle),
        ("random-", "chance", 6, PointMark.Cross),
        (string.Empty, "any other", 5, PointMark.Diamond),
    ];

    /// <summary>"circle: one tier for all; ...", for the glossary.</summary>
    public static string Legend =>
        string.Join("; ", Kinds.GroupBy(kind => kind.Mark, (mark, kinds) => $"{mark.ToString().ToLowerInvariant()}: {string.Join(", in another colour ", kinds.Select(kind => kind.Meaning))}"));

    /// <summary>Points of a policy.</summary>
    public static PlotSeries Series(string policy, params IReadOnlyList<PlotPoint> points)
    {
        (_, _, int color, PointMark mark) = Array.Find(Kinds, kind => policy.StartsWith(kind.Prefix, StringComparison.Ordinal));
        return new PlotSeries(policy, points, color) { Mark = mark };
    }
}
