using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>What one thread of a step keeps for itself.</summary>
internal sealed class MemberSpace : IDisposable
{
    /// <summary>Allocates.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">Most sequences of a step.</param>
    public MemberSpace(LlamaModel model, int rows)
    {
        LlamaShape shape = model.Shape;
        Queries = NativeBuffer.OfFloats(shape.Heads / shape.KvHeads * shape.HeadDim);
        Unpacked = NativeBuffer.OfFloats(MatrixProduct.ScratchFloats(Math.Max(Math.Max(shape.Hidden, shape.FeedForward), shape.Heads * shape.HeadDim), rows));
    }

    /// <summary>Queries of one KV head.</summary>
    public NativeBuffer Queries { get; }

    /// <summary>Scratch of matrix products.</summary>
    public NativeBuffer Unpacked { get; }

    public void Dispose()
    {
        Queries.Dispose();
        Unpacked.Dispose();
    }
}
