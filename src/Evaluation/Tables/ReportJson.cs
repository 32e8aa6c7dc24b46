using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Reports as JSON: snake_case names, enumerations by name, null for what could not be computed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(EnumName<CacheMode>), typeof(EnumName<CacheCode>), typeof(EnumName<Arithmetic>), typeof(EnumName<ItemFormat>)])]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(PerplexityReport))]
[JsonSerializable(typeof(SpeedReport))]
[JsonSerializable(typeof(ItemResult))]
public sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>An indented document of an evaluation.</summary>
    public static string Text(EvaluationReport report) => JsonSerializer.Serialize(report, Indented().EvaluationReport);

    /// <summary>An indented document of a perplexity measurement.</summary>
    public static string Text(PerplexityReport report) => JsonSerializer.Serialize(report, Indented().PerplexityReport);

    /// <summary>An indented document of a speed measurement.</summary>
    public static string Text(SpeedReport report) => JsonSerializer.Serialize(report, Indented().SpeedReport);

    // The lines of one item stay on one line each; whole documents are for people too.
    private static ReportJson Indented() => new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { WriteIndented = true, NewLine = "\n" });
}
