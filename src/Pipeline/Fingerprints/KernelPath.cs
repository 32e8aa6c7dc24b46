using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>
/// Which of the engine's kernels run: wider vectors add up floating-point numbers in another order, so each path has bytes of its own. The runtime
/// chooses by the processor when it starts; within one path threads, machines and runs give the same bytes.
/// </summary>
public static class KernelPath
{
    /// <summary>512-bit vectors.</summary>
    public const string Avx512 = "avx512";

    /// <summary>256-bit vectors.</summary>
    public const string Avx2 = "avx2";

    /// <summary>128-bit vectors of a processor with neither.</summary>
    public const string Vector128 = "vector128";

    /// <summary>128-bit vectors of ARM, with or without its dot product of bytes: the integer sums are the same, and every product of floats is fused with its sum.</summary>
    public const string Neon = "neon";

    // A processor that has 512-bit vectors and is slowed by them: the runtime keeps to 256 bits, our kernels do not.
    private const string Narrow = "avx512-narrow";

    /// <summary>The one of this process.</summary>
    public static string Current { get; } =
        System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? Avx512
        : Avx512F.IsSupported ? Narrow
        : System.Runtime.Intrinsics.X86.Avx2.IsSupported ? Avx2
        : AdvSimd.IsSupported ? Neon
        : Vector128;

    /// <summary>All others, of other machines.</summary>
    public static IEnumerable<string> Others => ((string[])[Avx512, Narrow, Avx2, Neon, Vector128]).Where(path => path != Current);
}
