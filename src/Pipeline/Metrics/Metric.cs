namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>One value of a metrics file.</summary>
/// <param name="Path">Its keys and indices, joined by dots: "policies.static-4.accuracy".</param>
/// <param name="Text">The value as it stands: a number, a text without quotes, true, false or null.</param>
/// <param name="Number">The value if it is a number.</param>
public sealed record Metric(string Path, string Text, double? Number);
