using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Scratch of a batched pass of up to <c>rows</c> rows.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly NativeBuffer stream;
    private readonly NativeBuffer projections;
    private readonly NativeBuffer unpacked;
    private readonly NativeBuffer wide;
    private readonly int wideFloats;

    public Workspace(LlamaModel model, PackedKvCache cache, SessionOptions options, int threads, int rows, StepTimes? times)
    {
        LlamaShape shape = model.Shape;
        QueryColumns = shape.Heads * shape.HeadDim;
        KeyColumns = shape.KvHeads * shape.HeadDim;
        stream = NativeBuffer.OfFloats((long)rows * shape.Hidden);
        projections = NativeBuffer.OfFloats((long)rows * ProjectionColumns);
        Gates = [.. Enumerable.Range(0, threads).Select(_ => new GateTile(rows))];
        UnpackedFloats = MatrixProduct.ScratchFloats(Math.Max(Math.Max(shape.Hidden, shape.FeedForward), QueryColumns), rows);
        unpacked = NativeBuffer.OfFloats(threads * UnpackedFloats);
        wideFloats = StreamBlock.Tokens * shape.HeadDim;
        wide = NativeBuffer.OfFloats((long)threads * wideFloats);
        bool narrow = Array.TrueForAll(model.Layers, layer => layer.IsNarrow);
        Normed = new Activations(rows, shape.Hidden, model.Arithmetic, narrow);
        Attended = new Activations(rows, QueryColumns, model.Arithmetic, narrow);
        Gated = new Activations(rows, shape.FeedForward, model.Arithmetic, narrow, taken: true);
        Workers = new AttentionWorker[threads * AttentionWorker.MostTogether];
        for (int i = 0; i < Workers.Length; i++)
        {
            Workers[i] = new AttentionWorker(cache, options.PreciseAttention) { Clock = times?.Clock(i / AttentionWorker.MostTogether).Blocks };
        }
    }

    /// <summary>Columns of all query heads.</summary>
    public int QueryColumns { get; }

    /// <summary>Columns of all key (or value) heads.</summary>
    public int KeyColumns { get; }

    /// <summary>Queries, keys and values of a row side by side.</summary>
    public int ProjectionColumns => QueryColumns + (2 * KeyColumns);

    /// <summary>Residual stream, [rows][hidden].</summary>
    public float* Stream => stream.Floats;

    /// <summary>[rows][ProjectionColumns].</summary>
    public float* Projections => projections.Floats;

    /// <summary>Room for some columns of gate and up, by thread.</summary>
    public GateTile[] Gates { get; }

    /// <summary>Inputs of the projections, and of the gate and up matrices.</summary>
    public Activations Normed { get; }

    /// <summary>Inputs of the output projection.</summary>
    public Activations Attended { get; }

    /// <summary>Inputs of the down matrix.</summary>
    public Activations Gated { get; }

    /// <summary>Attention scratch of as many rows as attend together, by thread.</summary>
    public AttentionWorker[] Workers { get; }

    private long UnpackedFloats { get; }

    /// <summary>Says how many rows the next pass has.</summary>
    public void Expect(int rows)
    {
        Normed.Expect(rows);
        Attended.Expect(rows);
        Gated.Expect(rows);
    }

    /// <summary>A thread's scratch of matrix products.</summary>
    public float* Unpacked(int thread) => unpacked.Floats + (thread * UnpackedFloats);

    /// <summary>A thread's room for a block of widened keys or values.</summary>
    public float* Wide(int thread) => wide.Floats + ((long)thread * wideFloats);

    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[stream, projections, unpacked, wide, Normed, Attended, Gated, .. Gates, .. Workers])
        {
            part.Dispose();
        }
    }
}
