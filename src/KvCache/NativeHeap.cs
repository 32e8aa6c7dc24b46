using System.Runtime.InteropServices;

namespace AdaptiveKv.KvCache;

/// <summary>
/// Memory outside the managed heap. All of the engine's comes from here and is counted over all threads, so that a test can tell what a run
/// needed at most, scratch included.
/// </summary>
internal static unsafe class NativeHeap
{
    private static long bytes;
    private static long peakBytes;

    /// <summary>Bytes held now.</summary>
    public static long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Most bytes held since <see cref="StartPeak"/>.</summary>
    public static long PeakBytes => Interlocked.Read(ref peakBytes);

    /// <summary>Starts <see cref="PeakBytes"/> anew from what is held now.</summary>
    public static void StartPeak() => Interlocked.Exchange(ref peakBytes, Bytes);

    /// <summary>Memory of any content.</summary>
    public static void* Allocate(nuint size, nuint alignment)
    {
        void* memory = NativeMemory.AlignedAlloc(size, alignment);
        long now = Interlocked.Add(ref bytes, (long)size);
        for (long peak = PeakBytes; now > peak; peak = PeakBytes)
        {
            Interlocked.CompareExchange(ref peakBytes, now, peak);
        }

        return memory;
    }

    /// <summary>Gives memory of <see cref="Allocate"/> back.</summary>
    public static void Free(void* memory, nuint size)
    {
        NativeMemory.AlignedFree(memory);
        Interlocked.Add(ref bytes, -(long)size);
    }
}
