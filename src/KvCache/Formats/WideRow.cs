using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Rows of 16 bits widened once for many queries: in binary32, per 32 dimensions 0..7, 16..23, 8..15, 24..31, so that <see cref="IFloatRow.Load32"/> takes two
/// loads. Sums over them have the order, and the bits, of those over the narrow rows.
/// </summary>
internal readonly unsafe struct WideRow : IFloatRow
{
    private const int Half = 16;

    public static int ElementBytes => sizeof(float);

    public static void Write(byte* row, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            ((float*)row)[Place(i)] = values[i];
        }
    }

    public static void Read(byte* row, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ((float*)row)[Place(i)];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load8(byte* row, int dim, out Vector128<float> low, out Vector128<float> high)
    {
        float* place = (float*)row + Place(dim);
        low = Vector128.Load(place);
        high = Vector128.Load(place + Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load16(byte* row, int dim, out Vector256<float> low, out Vector256<float> high)
    {
        float* place = (float*)row + Place(dim);
        low = Vector256.Load(place);
        high = Vector256.Load(place + Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load32(byte* row, int dim, out Vector512<float> low, out Vector512<float> high)
    {
        low = Vector512.Load((float*)row + dim);
        high = Vector512.Load((float*)row + dim + Half);
    }

    /// <summary>Widens the rows of a block.</summary>
    /// <param name="rows">One pointer per token.</param>
    /// <param name="tokens">Tokens of the block.</param>
    /// <param name="headDim">A multiple of 32.</param>
    /// <param name="wide">[tokens][headDim].</param>
    public static void Widen<TRow>(byte** rows, int tokens, int headDim, float* wide)
        where TRow : struct, IFloatRow
    {
        for (int token = 0; token < tokens; token++)
        {
            for (int dim = 0; dim < headDim; dim += 2 * Half, wide += 2 * Half)
            {
                TRow.Load32(rows[token], dim, out Vector512<float> low, out Vector512<float> high);
                low.Store(wide);
                high.Store(wide + Half);
            }
        }
    }

    // Of every 32, the second and the third eight change places.
    private static int Place(int dim) => (dim & ~0x18) | ((dim & 0x08) << 1) | ((dim & 0x10) >> 1);
}
