using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>What one thread of a decode step keeps for itself.</summary>
internal sealed class MemberSpace : IDisposable
{
    public MemberSpace(LlamaModel model, PackedKvCache cache, bool precise)
    {
        LlamaShape shape = model.Shape;
        Normed = new Activations(1, shape.Hidden, model.Arithmetic);
        Attended = new Activations(1, shape.Heads * shape.HeadDim, model.Arithmetic);
        Queries = NativeBuffer.OfFloats(shape.Heads / shape.KvHeads * shape.HeadDim);
        Unpacked = NativeBuffer.OfFloats((long)Math.Max(Math.Max(shape.Hidden, shape.FeedForward), shape.Heads * shape.HeadDim) * PackedMatrix.OctetRows);
        Worker = new AttentionWorker(cache, precise);
        Merged = new AttentionWorker(cache, precise);
    }

    /// <summary>[hidden] inputs of the projections, and of gate and up.</summary>
    public Activations Normed { get; }

    /// <summary>[heads * headDim] attention output.</summary>
    public Activations Attended { get; }

    /// <summary>Queries of one KV head.</summary>
    public NativeBuffer Queries { get; }

    /// <summary>Eight dequantized rows.</summary>
    public NativeBuffer Unpacked { get; }

    /// <summary>The thread's part of the attention.</summary>
    public AttentionWorker Worker { get; }

    /// <summary>All parts together.</summary>
    public AttentionWorker Merged { get; }

    public void Dispose()
    {
        Normed.Dispose();
        Attended.Dispose();
        Queries.Dispose();
        Unpacked.Dispose();
        Worker.Dispose();
        Merged.Dispose();
    }
}
