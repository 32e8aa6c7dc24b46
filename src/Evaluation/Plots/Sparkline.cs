namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A line in a line of text, for where no picture can be: "█▆▄▂▁▁▁▂".</summary>
internal static class Sparkline
{
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const int Most = 24;

    /// <summary>Its characters, from the least value to the largest; of many values every n-th.</summary>
    public static string Of(IReadOnlyList<double> values)
    {
        double least = values.Min(), span = Math.Max(values.Max() - least, double.Epsilon);
        int count = Math.Min(Most, values.Count);
        return string.Concat(Enumerable.Range(0, count).Select(i => Levels[(int)((values[i * (values.Count - 1) / Math.Max(1, count - 1)] - least) / span * (Levels.Length - 1))]));
    }
}
