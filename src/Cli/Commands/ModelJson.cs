using System.Text.Json.Serialization;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Cli.Commands;

/// <summary>JSON of the model commands: snake_case, as in all reports; enumerations by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    Converters = [typeof(JsonStringEnumConverter<TensorType>), typeof(JsonStringEnumConverter<RotaryLayout>)])]
[JsonSerializable(typeof(ModelInfo))]
internal sealed partial class ModelJson : JsonSerializerContext;
