using System.Runtime.InteropServices;

namespace AdaptiveKv.KvCache;

/// <summary>Zeroed, 64-byte aligned memory outside the managed heap, for weights and scratch that kernels read by pointer.</summary>
public sealed unsafe partial class NativeBuffer : IDisposable
{
    private const int LineBytes = 64;
    private const nuint HugePageBytes = 2 << 20;
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE, linux/mman.h

    private readonly nuint size;
    private void* memory;

    /// <summary>Allocates.</summary>
    /// <param name="bytes">Length; at least 0.</param>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        size = Math.Max((nuint)bytes, LineBytes);
        memory = NativeHeap.Allocate(size, size >= HugePageBytes ? HugePageBytes : LineBytes);
        if (size >= HugePageBytes && OperatingSystem.IsLinux())
        {
            _ = MemoryAdvise(memory, size, AdviseHugePages); // Advice only: fewer TLB misses where the kernel has huge pages.
        }

        NativeMemory.Clear(memory, size);
    }

    /// <summary>Allocates for <paramref name="floats"/> binary32 numbers.</summary>
    public static NativeBuffer OfFloats(long floats) => new(checked(floats * sizeof(float)));

    /// <summary>Length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>First byte.</summary>
    public byte* Pointer => (byte*)memory;

    /// <summary>First number, when the buffer holds binary32.</summary>
    public float* Floats => (float*)memory;

    /// <summary>Numbers <paramref name="start"/> to <paramref name="start"/> + <paramref name="length"/>.</summary>
    public Span<float> FloatSpan(long start, int length)
    {
        ObjectDisposedException.ThrowIf(memory is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((start + length) * sizeof(float), Bytes, nameof(length));
        return new Span<float>((float*)memory + start, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what was not disposed.</summary>
    ~NativeBuffer() => Free();

    private void Free()
    {
        if (memory is not null)
        {
            NativeHeap.Free(memory, size);
            memory = null;
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
