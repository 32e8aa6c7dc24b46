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
    public static int ElementBytes => 2;

    public static void Write(byte* row, ReadOnlySpan<float> values)
    {
        int i = 0;
        for (; Vector256.IsHardwareAccelerated && i < values.Length; i += 16)
        {
            Vector256<int> low = Binary16.Round8(Vector256.Create(values[i..]));
            Vector256<int> high = Binary16.Round8(Vector256.Create(values[(i + 8)..]));
            (low | (high << 16)).Store((int*)(row + (2 * i)));
        }

        for (; i < values.Length; i += 16)
        {
            for (int half = i; half < i + 8; half += 4)
            {
                Vector128<int> low = Binary16.Round4(Vector128.Create(values[half..]));
                Vector128<int> high = Binary16.Round4(Vector128.Create(values[(half + 8)..]));
                (low | (high << 16)).Store((int*)(row + (2 * i)) + (half - i));
            }
        }
    }

    public static void Read(byte* row, Span<float> values)
    {
        for (int i = 0; i < values.Length; i += 16)
        {
            for (int half = i; half < i + 8; half += 4)
            {
                Load8(row, half, out Vector128<float> low, out Vector128<float> high);
                low.CopyTo(values[half..]);
                high.CopyTo(values[(half + 8)..]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load8(byte* row, int dim, out Vector128<float> low, out Vector128<float> high) =>
        Binary16.WidenPairs(Vector128.Load((int*)(row + (2 * (dim & ~15)) + (4 * (dim & 15)))), out low, out high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load16(byte* row, int dim, out Vector256<float> low, out Vector256<float> high) =>
        Binary16.WidenPairs(Avx.LoadVector256((int*)(row + (2 * dim))), out low, out high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load32(byte* row, int dim, out Vector512<float> low, out Vector512<float> high) =>
        Binary16.WidenPairs(Vector512.Load((int*)(row + (2 * dim))), out low, out high);
}
