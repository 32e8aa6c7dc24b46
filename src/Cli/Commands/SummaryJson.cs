using System.Text.Json.Serialization;

namespace AdaptiveKv.Cli.Commands;

/// <summary>JSON of the model commands: snake_case, as in all reports.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ModelSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
