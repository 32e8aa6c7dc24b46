using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>What one thread of a step keeps for itself.</summary>
internal sealed class MemberSpace : IDisposable
{
    public MemberSpace(LlamaModel model)
    {
        LlamaShape shape = model.Shape;
        Queries = NativeBuffer.OfFloats(shape.Heads / shape.KvHeads * shape.HeadDim);
        Unpacked = NativeBuffer.OfFloats((long)Math.Max(Math.Max(shape.Hidden, shape.FeedForward), shape.Heads * shape.HeadDim) * PackedMatrix.OctetRows);
    }

    /// <summary>Queries of one KV head.</summary>
    public NativeBuffer Queries { get; }

    /// <summary>Eight dequantized rows.</summary>
    public NativeBuffer Unpacked { get; }

    public void Dispose()
    {
        Queries.Dispose();
        Unpacked.Dispose();
    }
}
