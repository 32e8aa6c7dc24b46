using System.Runtime.InteropServices;

namespace AdaptiveKv.Files;

/// <summary>
/// What the C library does with memory that was freed. Glibc returns blocks above 128 KiB and the end of its heap to the system at once: a training step that frees its tensors and a session that forgets
/// its sequence would be given the same pages anew, cleared, each time, which took two fifths of the processor's time in training.
/// </summary>
internal static partial class FreedMemory
{
    // Of malloc.h.
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MapThreshold = -3;

    // The largest that glibc takes.
    private const int LargestBlock = 32 << 20;

    /// <summary>Lets the process keep up to 64 MiB of what is freed; where the C library is not glibc, nothing.</summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MapThreshold, LargestBlock);
            _ = SetOption(TrimThreshold, 2 * LargestBlock);
            _ = SetOption(TopPad, LargestBlock / 2);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, musl.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
