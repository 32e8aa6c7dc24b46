using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Scores of floating-point keys on ARM: four tokens and up to three heads at a time. Its 32 registers hold twelve sums and what is multiplied.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal static unsafe class FloatKeysNeon<TRow>
    where TRow : struct, IFloatRow
{
    /// <summary>Four rows against neighbouring heads.</summary>
    /// <param name="rows">Four pointers.</param>
    /// <param name="query">[heads][headDim].</param>
    /// <param name="headDim">A multiple of 32.</param>
    /// <param name="scores">[heads][32]: receives four each.</param>
    public static void Dot<THeads>(byte** rows, float* query, int headDim, float* scores)
        where THeads : struct, IHeadCount
    {
        byte* row0 = rows[0], row1 = rows[1], row2 = rows[2], row3 = rows[3];
        Vector128<float> sum00 = default, sum01 = default, sum02 = default, sum03 = default;
        Vector128<float> sum10 = default, sum11 = default, sum12 = default, sum13 = default;
        Vector128<float> sum20 = default, sum21 = default, sum22 = default, sum23 = default;
        for (int start = 0; start < headDim; start += FloatRows.OrderDims)
        {
            for (int dim = start; dim < start + 8; dim += 4)
            {
                float* first = query + dim, second = first + headDim, third = second + headDim;
                Vector128<float> low0 = Vector128.Load(first), high0 = Vector128.Load(first + 8), low1 = default, high1 = default, low2 = default, high2 = default;
                if (THeads.Count > 1)
                {
                    (low1, high1) = (Vector128.Load(second), Vector128.Load(second + 8));
                    (low2, high2) = (Vector128.Load(third), Vector128.Load(third + 8));
                }

                Token<THeads>(row0, dim, low0, high0, low1, high1, low2, high2, ref sum00, ref sum10, ref sum20);
                Token<THeads>(row1, dim, low0, high0, low1, high1, low2, high2, ref sum01, ref sum11, ref sum21);
                Token<THeads>(row2, dim, low0, high0, low1, high1, low2, high2, ref sum02, ref sum12, ref sum22);
                Token<THeads>(row3, dim, low0, high0, low1, high1, low2, high2, ref sum03, ref sum13, ref sum23);
            }
        }

        Sums(sum00, sum01, sum02, sum03).Store(scores);
        if (THeads.Count > 1)
        {
            Sums(sum10, sum11, sum12, sum13).Store(scores + StreamBlock.Tokens);
            Sums(sum20, sum21, sum22, sum23).Store(scores + (2 * StreamBlock.Tokens));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Token<THeads>(
        byte* row, int dim, Vector128<float> low0, Vector128<float> high0, Vector128<float> low1, Vector128<float> high1, Vector128<float> low2, Vector128<float> high2,
        ref Vector128<float> sum0, ref Vector128<float> sum1, ref Vector128<float> sum2)
        where THeads : struct, IHeadCount
    {
        TRow.Load8(row, dim, out Vector128<float> low, out Vector128<float> high);
        sum0 = AdvSimd.FusedMultiplyAdd(AdvSimd.FusedMultiplyAdd(sum0, low, low0), high, high0);
        if (THeads.Count > 1)
        {
            sum1 = AdvSimd.FusedMultiplyAdd(AdvSimd.FusedMultiplyAdd(sum1, low, low1), high, high1);
            sum2 = AdvSimd.FusedMultiplyAdd(AdvSimd.FusedMultiplyAdd(sum2, low, low2), high, high2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        AdvSimd.Arm64.AddPairwise(AdvSimd.Arm64.AddPairwise(a, b), AdvSimd.Arm64.AddPairwise(c, d));
}
