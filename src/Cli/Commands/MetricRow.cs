namespace AdaptiveKv.Cli.Commands;

/// <summary>A metric in the JSON of <c>akv metrics</c>.</summary>
/// <param name="File">The file; null where two are compared.</param>
/// <param name="Metric">Its path.</param>
/// <param name="Value">As it stands; null where it is not there.</param>
/// <param name="Old">The same in the first of two files.</param>
/// <param name="Difference">New less old, of numbers.</param>
/// <param name="Verdict">"better", "worse" or "same"; null where neither value is better, or that cannot be told.</param>
internal sealed record MetricRow(string? File, string Metric, string? Value, string? Old, double? Difference, string? Verdict);
