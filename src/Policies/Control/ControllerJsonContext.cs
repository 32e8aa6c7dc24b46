using System.Text.Json.Serialization;

namespace AdaptiveKv.Policies.Control;

/// <summary>Reads and writes <see cref="ControllerJson"/> without reflection, strictly.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ControllerJson))]
internal sealed partial class ControllerJsonContext : JsonSerializerContext;
