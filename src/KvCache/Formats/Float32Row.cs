using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Rows in binary32, one token after the other: the reference the other formats are measured against.</summary>
internal readonly unsafe struct Float32Row : IFloatRow
{
    public static int ElementBytes => 4;

    public static void Write(byte* row, ReadOnlySpan<float> values) => values.CopyTo(new Span<float>(row, values.Length));

    public static void Read(byte* row, Span<float> values) => new ReadOnlySpan<float>(row, values.Length).CopyTo(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load8(byte* row, int dim, out Vector128<float> low, out Vector128<float> high)
    {
        low = Vector128.Load((float*)row + dim);
        high = Vector128.Load((float*)row + dim + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load16(byte* row, int dim, out Vector256<float> low, out Vector256<float> high)
    {
        low = Avx.LoadVector256((float*)row + dim);
        high = Avx.LoadVector256((float*)row + dim + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load32(byte* row, int dim, out Vector512<float> low, out Vector512<float> high)
    {
        low = FloatRows.Load((float*)row + dim);
        high = FloatRows.Load((float*)row + dim + 8);
    }
}
