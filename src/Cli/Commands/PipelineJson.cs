using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The pipeline commands' answers as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IEnumerable<StageRow>))]
[JsonSerializable(typeof(IEnumerable<MetricRow>))]
[JsonSerializable(typeof(IEnumerable<GateRow>))]
internal sealed partial class PipelineJson : JsonSerializerContext
{
    /// <summary>Indented, with quotes and arrows as they are: the output is no part of a web page.</summary>
    public static PipelineJson Lines => new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>A rule in the JSON of <c>akv gate</c>.</summary>
/// <param name="Metric">The metric's path.</param>
/// <param name="Value">Its value.</param>
/// <param name="Baseline">The baseline's.</param>
/// <param name="Rule">What was demanded.</param>
/// <param name="Passed">Whether it holds.</param>
internal sealed record GateRow(string Metric, string Value, string? Baseline, string Rule, bool Passed);

/// <summary>A metric in the JSON of <c>akv metrics</c>.</summary>
/// <param name="File">The file; null where two are compared.</param>
/// <param name="Metric">Its path.</param>
/// <param name="Value">As it stands; null where it is not there.</param>
/// <param name="Old">The same in the first of two files.</param>
/// <param name="Difference">New less old, of numbers.</param>
/// <param name="Verdict">"better", "worse" or "same"; null where neither value is better, or that cannot be told.</param>
internal sealed record MetricRow(string? File, string Metric, string? Value, string? Old, double? Difference, string? Verdict);

/// <summary>A stage in the JSON of <c>akv status</c>.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="State">up_to_date, would_run, made (only the record is missing) or running.</param>
/// <param name="Reasons">Why it would run.</param>
internal sealed record StageRow(string Stage, string State, IReadOnlyList<string> Reasons);
