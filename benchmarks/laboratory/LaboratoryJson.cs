using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Laboratory.Ablation;
using AdaptiveKv.Laboratory.Balance;
using AdaptiveKv.Laboratory.Breakdown;
using AdaptiveKv.Laboratory.Modes;

namespace AdaptiveKv.Laboratory;

/// <summary>The laboratory's reports as JSON, written as the product writes its own.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    Converters = [typeof(EnumName<CacheMode>), typeof(EnumName<CacheCode>), typeof(EnumName<Arithmetic>)])]
[JsonSerializable(typeof(AblationReport))]
[JsonSerializable(typeof(BalanceReport))]
[JsonSerializable(typeof(BreakdownReport))]
[JsonSerializable(typeof(ModeReport))]
internal sealed partial class LaboratoryJson : JsonSerializerContext
{
    /// <summary>An indented document.</summary>
    public static string Text<T>(T report) => JsonSerializer.Serialize(report, typeof(T), Default);
}
