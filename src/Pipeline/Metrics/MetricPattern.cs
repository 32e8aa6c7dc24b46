using System.Text.RegularExpressions;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>Which metrics are meant: those whose path contains a text; with <c>*</c>, which stands for any text, those whose whole path is such.</summary>
/// <param name="text">"gap_closed", "learned-*.kl".</param>
public sealed class MetricPattern(string text)
{
    private readonly Regex? whole = text.Contains('*') ? new($@"^{Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal)}\z", RegexOptions.NonBacktracking) : null;

    /// <summary>Whether a metric is.</summary>
    public bool Holds(string path) => whole?.IsMatch(path) ?? path.Contains(text, StringComparison.Ordinal);
}
