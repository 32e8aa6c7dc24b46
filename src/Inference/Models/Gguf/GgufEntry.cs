namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>One key and value of a header; the value stays in the header's bytes until it is asked for.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">Type of the value.</param>
/// <param name="ElementType">Type of an array's elements; else <paramref name="Type"/>.</param>
/// <param name="Count">Elements of an array; else 1.</param>
/// <param name="Start">Byte offset of the pair, its key's length.</param>
/// <param name="ValueStart">Byte offset of the value, for an array of its first element.</param>
/// <param name="End">Byte offset after the value.</param>
internal sealed record GgufEntry(string Key, GgufValueType Type, GgufValueType ElementType, int Count, int Start, int ValueStart, int End)
{
    public string TypeName => Type == GgufValueType.Array ? $"an array of {ElementType}" : Type.ToString();
}
