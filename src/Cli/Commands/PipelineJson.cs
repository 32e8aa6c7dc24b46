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
