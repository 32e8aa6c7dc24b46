using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Rows in bfloat16, one token after the other. Sixteen dimensions share 32 bytes: 32-bit lane i holds dimension i in its low half and
/// dimension i + 8 in its high half, so one shift and one mask give both vectors in natural order.
/// </summary>
internal readonly unsafe struct Bf16Row : IFloatRow
{
    /// <inheritdoc/>
    public static int ElementBytes => 2;

    /// <inheritdoc/>
    public static void Write(byte* row, ReadOnlySpan<float> values)
    {
        ushort* cells = (ushort*)row;
        for (int i = 0; i < values.Length; i++)
        {
            cells[Cell(i)] = Bfloat16.Round(values[i]);
        }
    }

    /// <inheritdoc/>
    public static void Read(byte* row, Span<float> values)
    {
        ushort* cells = (ushort*)row;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Bfloat16.Widen(cells[Cell(i)]);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load16(byte* row, int dim, out Vector256<float> low, out Vector256<float> high)
    {
        Vector256<uint> both = Avx.LoadVector256((uint*)(row + (2 * dim)));
        low = Avx2.ShiftLeftLogical(both, 16).AsSingle();
        high = Avx2.And(both, Vector256.Create(0xFFFF0000u)).AsSingle();
    }

    private static int Cell(int dim) => (dim & ~15) + (2 * (dim & 7)) + ((dim >> 3) & 1);
}
