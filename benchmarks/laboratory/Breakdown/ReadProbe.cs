using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>Reads memory as fast as one thread can.</summary>
internal static unsafe class ReadProbe
{
    /// <summary>Lengths are multiples of this.</summary>
    public const int StepBytes = 256;

    /// <summary>Reads every byte once.</summary>
    /// <returns>A sum, so that the reading has a purpose.</returns>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static ulong Read(byte* start, long bytes)
    {
        Vector256<ulong> a = default, b = default, c = default, d = default;
        for (byte* at = start; at < start + bytes; at += StepBytes)
        {
            a += Vector256.Load((ulong*)at) + Vector256.Load((ulong*)at + 4);
            b += Vector256.Load((ulong*)at + 8) + Vector256.Load((ulong*)at + 12);
            c += Vector256.Load((ulong*)at + 16) + Vector256.Load((ulong*)at + 20);
            d += Vector256.Load((ulong*)at + 24) + Vector256.Load((ulong*)at + 28);
        }

        return Vector256.Sum(a + b + c + d);
    }
}
