using System.Text.Json.Serialization;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Transfer;

namespace AdaptiveKv.Training;

/// <summary>Writes the stages' JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(DatasetSummary))]
[JsonSerializable(typeof(Dictionary<string, double>))]
[JsonSerializable(typeof(ProbeSummary))]
[JsonSerializable(typeof(RescaleSummary))]
internal sealed partial class TrainingJson : JsonSerializerContext;
