namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>What a span of a GGUF file is.</summary>
internal enum GgufFieldKind
{
    Count,
    Length,
    Type,
    Text,
    Value,
    Pair,
    Tensor,
}

/// <summary>A span of a GGUF file that has a meaning.</summary>
/// <param name="Kind">Its meaning.</param>
/// <param name="Start">First byte.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct GgufField(GgufFieldKind Kind, int Start, int Bytes);
