namespace AdaptiveKv.Cli.Commands;

/// <summary>A rule in the JSON of <c>akv gate</c>.</summary>
/// <param name="Metric">The metric's path.</param>
/// <param name="Value">Its value.</param>
/// <param name="Baseline">The baseline's.</param>
/// <param name="Rule">What was demanded.</param>
/// <param name="Passed">Whether it holds.</param>
internal sealed record GateRow(string Metric, string Value, string? Baseline, string Rule, bool Passed);
