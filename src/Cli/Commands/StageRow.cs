namespace AdaptiveKv.Cli.Commands;

/// <summary>A stage in the JSON of <c>akv status</c>.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="State">up_to_date, would_run, made (only the record is missing) or running.</param>
/// <param name="Reasons">Why it would run.</param>
internal sealed record StageRow(string Stage, string State, IReadOnlyList<string> Reasons);
