using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit;

/// <summary>
/// Memory that the process took since this was made: the most native memory at any time, and all managed memory ever allocated, of all threads,
/// which no garbage collection takes back. For tests that run alone.
/// </summary>
internal sealed class MemoryGrowth
{
    private readonly long native;
    private readonly long managed;

    public MemoryGrowth()
    {
        // What earlier tests left to finalizers must not go while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        NativeHeap.StartPeak();
        native = NativeHeap.Bytes;
        managed = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>Peak of native memory over what there was.</summary>
    public long Native => NativeHeap.PeakBytes - native;

    /// <summary>Managed bytes allocated, whether still in use or not.</summary>
    public long Managed => GC.GetTotalAllocatedBytes(precise: true) - managed;

    /// <summary>More than was ever held at a time.</summary>
    public long Total => Native + Managed;
}
