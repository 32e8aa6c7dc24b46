namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>A parsed GGUF header.</summary>
/// <param name="Version">2 or 3.</param>
/// <param name="Metadata">Keys and values.</param>
/// <param name="Tensors">Tensors in the header's order.</param>
internal sealed record GgufHeader(int Version, GgufMetadata Metadata, IReadOnlyList<GgufTensorInfo> Tensors);
