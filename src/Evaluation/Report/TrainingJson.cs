using System.Text.Json.Serialization;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Training logs as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrainingLog))]
internal sealed partial class TrainingJson : JsonSerializerContext;
