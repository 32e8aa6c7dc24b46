using System.Text.Json.Serialization;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Reads a file of token ids.</summary>
[JsonSerializable(typeof(int[]))]
internal sealed partial class TokenIdJson : JsonSerializerContext;
