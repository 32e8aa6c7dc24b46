using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Rows in binary16, one token after the other. Sixteen dimensions share 32 bytes: 32-bit lane i holds dimension i in its low half and
/// dimension i + 8 in its high half, so shifts and masks give both vectors in natural order.
/// </summary>
internal readonly unsafe struct HalfRow : IFloatRow
{
    /// <inheritdoc/>
    public static int ElementBytes => 2;

    /// <inheritdoc/>
    public static void Write(byte* row, ReadOnlySpan<float> values)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i < values.Length; i += 16)
            {
                Vector256<int> low = Binary16.Round8(Vector256.Create(values[i..]));
                Vector256<int> high = Binary16.Round8(Vector256.Create(values[(i + 8)..]));
                (low | (high << 16)).Store((int*)(row + (2 * i)));
            }
        }

        for (; i < values.Length; i++)
        {
            ((ushort*)row)[Cell(i)] = Binary16.Round(values[i]);
        }
    }

    /// <inheritdoc/>
    public static void Read(byte* row, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Binary16.Widen(((ushort*)row)[Cell(i)]);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load16(byte* row, int dim, out Vector256<float> low, out Vector256<float> high) =>
        Binary16.WidenPairs(Avx.LoadVector256((int*)(row + (2 * dim))), out low, out high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load32(byte* row, int dim, out Vector512<float> low, out Vector512<float> high) =>
        Binary16.WidenPairs(Vector512.Load((int*)(row + (2 * dim))), out low, out high);

    private static int Cell(int dim) => (dim & ~15) + (2 * (dim & 7)) + ((dim >> 3) & 1);
}
