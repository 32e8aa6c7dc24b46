using System.Runtime.InteropServices;

namespace AdaptiveKv.Torch;

/// <summary>
/// Libtorch takes the memory of every tensor from the C library. Glibc returns blocks above 128 KiB and the end of its heap to the system as soon as they are free, so that
/// every step would be given the same pages anew: two fifths of the processor's time.
/// </summary>
internal static partial class FreedMemory
{
    // Of malloc.h.
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MapThreshold = -3;

    // The largest that glibc takes.
    private const int LargestBlock = 32 << 20;

    /// <summary>Lets the process keep up to 64 MiB of what is freed.</summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _ = SetOption(MapThreshold, LargestBlock);
        _ = SetOption(TrimThreshold, 2 * LargestBlock);
        _ = SetOption(TopPad, LargestBlock / 2);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
