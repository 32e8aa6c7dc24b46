using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// One allocation for all weights of a model, in the order in which decoding reads them: large enough for 2 MB pages, without which the
/// prefetchers stop at every 4 KB and small matrices are read at half the memory's speed.
/// </summary>
internal sealed unsafe class WeightArena(long bytes) : IDisposable
{
    private const int LineBytes = 64;

    private readonly NativeBuffer memory = new(bytes);
    private long taken;

    /// <summary>Bytes an item takes: whole cache lines.</summary>
    public static long Rounded(long bytes) => (bytes + LineBytes - 1) / LineBytes * LineBytes;

    /// <summary>Bytes held.</summary>
    public long Bytes => memory.Bytes;

    /// <summary>The next <paramref name="count"/> bytes, zeroed, aligned to a cache line.</summary>
    public byte* Take(long count)
    {
        long next = taken + Rounded(count);
        if (next > memory.Bytes)
        {
            throw new InvalidOperationException($"the arena of {memory.Bytes} bytes has {memory.Bytes - taken} left, not {count}");
        }

        byte* start = memory.Pointer + taken;
        taken = next;
        return start;
    }

    public void Dispose() => memory.Dispose();
}
