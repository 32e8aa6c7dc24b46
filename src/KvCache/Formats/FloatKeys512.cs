using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Scores of four floating-point keys with up to three query heads in 512-bit vectors: up to twelve sums, and every widened key serves all heads.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal static unsafe class FloatKeys512<TRow>
    where TRow : struct, IFloatRow
{
    /// <summary>Four scores for each head, <see cref="StreamBlock.Tokens"/> apart.</summary>
    /// <param name="rows">Four keys.</param>
    /// <param name="query">[heads][headDim].</param>
    /// <param name="headDim">A multiple of 32.</param>
    /// <param name="scores">[heads][32], of which the first four are written.</param>
    public static void Dot<THeads>(byte** rows, float* query, int headDim, float* scores)
        where THeads : struct, IHeadCount
    {
        byte* row0 = rows[0], row1 = rows[1], row2 = rows[2], row3 = rows[3];
        float* second = query + headDim, third = second + headDim;
        Vector512<float> sum00 = default, sum01 = default, sum02 = default, sum03 = default;
        Vector512<float> sum10 = default, sum11 = default, sum12 = default, sum13 = default;
        Vector512<float> sum20 = default, sum21 = default, sum22 = default, sum23 = default;
        for (int dim = 0; dim < headDim; dim += 32)
        {
            Vector512<float> low0 = FloatRows.Load(query + dim), high0 = FloatRows.Load(query + dim + 8), low1 = default, high1 = default, low2 = default, high2 = default;
            if (THeads.Count > 1)
            {
                (low1, high1) = (FloatRows.Load(second + dim), FloatRows.Load(second + dim + 8));
                (low2, high2) = (FloatRows.Load(third + dim), FloatRows.Load(third + dim + 8));
            }

            TRow.Load32(row0, dim, out Vector512<float> low, out Vector512<float> high);
            sum00 = Add(sum00, low, low0, high, high0);
            (sum10, sum20) = THeads.Count > 1 ? (Add(sum10, low, low1, high, high1), Add(sum20, low, low2, high, high2)) : default;
            TRow.Load32(row1, dim, out low, out high);
            sum01 = Add(sum01, low, low0, high, high0);
            (sum11, sum21) = THeads.Count > 1 ? (Add(sum11, low, low1, high, high1), Add(sum21, low, low2, high, high2)) : default;
            TRow.Load32(row2, dim, out low, out high);
            sum02 = Add(sum02, low, low0, high, high0);
            (sum12, sum22) = THeads.Count > 1 ? (Add(sum12, low, low1, high, high1), Add(sum22, low, low2, high, high2)) : default;
            TRow.Load32(row3, dim, out low, out high);
            sum03 = Add(sum03, low, low0, high, high0);
            (sum13, sum23) = THeads.Count > 1 ? (Add(sum13, low, low1, high, high1), Add(sum23, low, low2, high, high2)) : default;
        }

        FloatRows.Sums(Half(sum00), Half(sum01), Half(sum02), Half(sum03)).Store(scores);
        if (THeads.Count > 1)
        {
            FloatRows.Sums(Half(sum10), Half(sum11), Half(sum12), Half(sum13)).Store(scores + StreamBlock.Tokens);
            FloatRows.Sums(Half(sum20), Half(sum21), Half(sum22), Half(sum23)).Store(scores + (2 * StreamBlock.Tokens));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(
        Vector512<float> sum, Vector512<float> low, Vector512<float> lowQuery, Vector512<float> high, Vector512<float> highQuery) =>
        Vector512.FusedMultiplyAdd(high, highQuery, Vector512.FusedMultiplyAdd(low, lowQuery, sum));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Half(Vector512<float> sum) => sum.GetLower() + sum.GetUpper();
}
