using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>A row stored as floating-point numbers without a scale.</summary>
internal unsafe interface IFloatRow
{
    /// <summary>Bytes per element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>Stores a row.</summary>
    static abstract void Write(byte* row, ReadOnlySpan<float> values);

    /// <summary>Loads a row.</summary>
    static abstract void Read(byte* row, Span<float> values);

    /// <summary>Dimensions <paramref name="dim"/> .. +3 and +8 .. +11; <paramref name="dim"/> is a multiple of 16, or such a one and 4.</summary>
    static abstract void Load8(byte* row, int dim, out Vector128<float> low, out Vector128<float> high);

    /// <summary>Dimensions <paramref name="dim"/> .. +7 and +8 .. +15; <paramref name="dim"/> is a multiple of 16.</summary>
    static abstract void Load16(byte* row, int dim, out Vector256<float> low, out Vector256<float> high);

    /// <summary>
    /// In <paramref name="low"/> dimensions <paramref name="dim"/> .. +7 and +16 .. +23, in <paramref name="high"/> +8 .. +15 and +24 .. +31;
    /// <paramref name="dim"/> is a multiple of 32.
    /// </summary>
    static abstract void Load32(byte* row, int dim, out Vector512<float> low, out Vector512<float> high);
}
