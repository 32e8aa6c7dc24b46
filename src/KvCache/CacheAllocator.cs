using System.Runtime.InteropServices;

namespace AdaptiveKv.KvCache;

/// <summary>Hands out the cache's native memory and counts it: the source of every "effective bits" figure.</summary>
/// <param name="limit">Most bytes it hands out; null for no limit.</param>
/// <param name="pool">What caches that share a limit take together; null for a cache on its own.</param>
internal sealed unsafe class CacheAllocator(long? limit, CachePool? pool)
{
    /// <summary>Of what it hands out.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes held now.</summary>
    public long Bytes { get; private set; }

    /// <summary>Most bytes held at any time.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Whether there is a limit.</summary>
    public bool IsLimited => limit is not null;

    /// <summary>Zeroed memory, 64-byte aligned: unused slots must read as finite numbers.</summary>
    /// <exception cref="InvalidOperationException">It would be more than the limit.</exception>
    public byte* Allocate(nuint bytes)
    {
        if (Bytes + (long)bytes > limit)
        {
            throw new InvalidOperationException($"the cache may take {limit} bytes and holds {Bytes}: there is no room for {bytes} more; raise MaxBytes or choose tiers of fewer bits");
        }

        pool?.Take((long)bytes);
        byte* memory = (byte*)NativeHeap.Allocate(bytes, Alignment);
        NativeMemory.Clear(memory, bytes);
        Bytes += (long)bytes;
        PeakBytes = Math.Max(PeakBytes, Bytes);
        return memory;
    }

    /// <summary>Returns memory of <see cref="Allocate"/>.</summary>
    public void Free(byte* memory, nuint bytes)
    {
        NativeHeap.Free(memory, bytes);
        Bytes -= (long)bytes;
        pool?.Take(-(long)bytes);
    }
}
