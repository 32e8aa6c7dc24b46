using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>A thread's room for the gates of a batch, a tile of 32 columns at a time: only what was multiplied and quantized leaves its caches.</summary>
/// <param name="rows">Most rows.</param>
internal sealed unsafe class GateTile(int rows) : IDisposable
{
    private const int Columns = QuantizedRows.BlockColumns;
    private const int RowsTogether = 32; // 4 KB of a first-level cache.

    private readonly NativeBuffer memory = NativeBuffer.OfFloats(((2L * rows) + RowsTogether) * Columns); // [gate, up][rows][32], then what they become.

    /// <summary>silu(gate x) * up x of a tile, for some rows.</summary>
    /// <param name="input">x.</param>
    /// <param name="weights">Of the layer.</param>
    /// <param name="octets">A whole tile.</param>
    /// <param name="own">The rows.</param>
    /// <param name="output">Takes the products.</param>
    /// <param name="unpacked">Scratch of matrix products.</param>
    /// <param name="clock">Where the time goes; null where nobody asks.</param>
    public void Run(Activations input, LayerWeights weights, WorkShare octets, WorkShare own, Activations output, float* unpacked, StepClock? clock)
    {
        float* gate = memory.Floats, up = gate + ((long)own.Count * Columns), gated = memory.Floats + (2L * rows * Columns);
        int first = octets.From * PackedMatrix.OctetRows;
        input.Multiply(weights.Gate, octets, own.From, own.Count, gate - first, Columns, add: false, unpacked);
        input.Multiply(weights.Up, octets, own.From, own.Count, up - first, Columns, add: false, unpacked);
        clock?.Mark(StepPart.GateUp);
        for (int done = 0; done < own.Count; done += RowsTogether)
        {
            int count = Math.Min(RowsTogether, own.Count - done), offset = done * Columns;
            SwiGlu.Apply(new ReadOnlySpan<float>(gate + offset, count * Columns), new ReadOnlySpan<float>(up + offset, count * Columns), new Span<float>(gated, count * Columns));
            output.Take(new WorkShare(own.From + done, own.From + done + count), new WorkShare(first, first + Columns), gated);
        }

        clock?.Mark(StepPart.Activation);
    }

    public void Dispose() => memory.Dispose();
}
