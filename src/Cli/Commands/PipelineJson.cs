using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The pipeline commands' answers as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IEnumerable<StageRow>))]
[JsonSerializable(typeof(IEnumerable<MetricRow>))]
[JsonSerializable(typeof(IEnumerable<GateRow>))]
[JsonSerializable(typeof(IEnumerable<RunRow>))]
[JsonSerializable(typeof(IReadOnlyList<PolicyForm>))]
[JsonSerializable(typeof(RunDetails))]
[JsonSerializable(typeof(RunChanges))]
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
/// <param name="Noise">The standard error of a value, and of two what their difference would be by chance.</param>
/// <param name="Unit">Of the value; null for a pure number.</param>
/// <param name="Verdict">"better", "worse", "within noise" or "same"; null where neither value is better, or that cannot be told.</param>
internal sealed record MetricRow(string? File, string Metric, string? Value, string? Old, double? Difference, double? Noise, string? Unit, string? Verdict);

/// <summary>A stage in the JSON of <c>akv status</c>.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="State">up_to_date, would_run, would_be_restored, made (only the record is missing) or running.</param>
/// <param name="Reasons">Why it would run.</param>
internal sealed record StageRow(string Stage, string State, IReadOnlyList<string> Reasons);

/// <summary>A run in the JSON of <c>akv runs list</c> and <c>akv sweep</c>.</summary>
/// <param name="Run">Its name.</param>
/// <param name="InPlace">Whether it is what lies in the pipeline's folder.</param>
/// <param name="KeptAt">When a stage was last added to it.</param>
/// <param name="Values">Values in place of the file's.</param>
/// <param name="Stages">Those that are done.</param>
/// <param name="Bytes">Of its files.</param>
/// <param name="Metrics">Those that were asked for, as they stand.</param>
internal sealed record RunRow(
    string Run, bool InPlace, DateTimeOffset KeptAt, IReadOnlyList<string> Values, IReadOnlyList<string> Stages, long Bytes, IReadOnlyDictionary<string, string> Metrics);

/// <summary>The JSON of <c>akv runs show</c>.</summary>
/// <param name="Run">Its name.</param>
/// <param name="KeptAt">When a stage was last added to it.</param>
/// <param name="Values">Values in place of the file's.</param>
/// <param name="Inputs">Programs, files from outside and params, by name.</param>
/// <param name="Files">What it made.</param>
/// <param name="Metrics">All, as they stand.</param>
internal sealed record RunDetails(
    string Run, DateTimeOffset KeptAt, IReadOnlyList<string> Values, IReadOnlyDictionary<string, string> Inputs, IReadOnlyList<RunFile> Files, IReadOnlyDictionary<string, string> Metrics);

/// <param name="Path">STAGE/FILE.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The hash of its content.</param>
internal sealed record RunFile(string Path, long Bytes, string Sha256);

/// <summary>The JSON of <c>akv runs diff</c>.</summary>
/// <param name="Inputs">What the runs had in different ways.</param>
/// <param name="Metrics">What came of it.</param>
internal sealed record RunChanges(IReadOnlyList<InputChange> Inputs, IReadOnlyList<MetricRow> Metrics);

/// <param name="Input">STAGE.PARAM, STAGE.DEP or STAGE.</param>
/// <param name="Old">In the first; null where it had no such thing.</param>
/// <param name="New">In the second.</param>
internal sealed record InputChange(string Input, string? Old, string? New);
