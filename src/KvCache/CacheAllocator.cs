using System.Runtime.InteropServices;

namespace AdaptiveKv.KvCache;

/// <summary>Hands out the cache's native memory and counts it: the source of every "effective bits" figure.</summary>
internal sealed unsafe class CacheAllocator
{
    private const int Alignment = 64;

    /// <summary>Bytes held now.</summary>
    public long Bytes { get; private set; }

    /// <summary>Most bytes held at any time.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Zeroed memory, 64-byte aligned: unused slots must read as finite numbers.</summary>
    public byte* Allocate(nuint bytes)
    {
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
    }
}
