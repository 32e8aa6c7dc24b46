using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Weighted sums of floating-point rows in 128-bit vectors, for processors without wider ones.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal static unsafe class FloatValues128<TRow>
    where TRow : struct, IFloatRow
{
    /// <summary>Adds the rows of a block to the sums of neighbouring heads; eight dimensions of all heads stay in registers over all tokens.</summary>
    /// <param name="rows">One pointer per token.</param>
    /// <param name="tokens">Tokens of the block.</param>
    /// <param name="weights">[heads][32].</param>
    /// <param name="target">[heads][headDim].</param>
    /// <param name="headDim">A multiple of 32.</param>
    public static void Add<THeads>(byte** rows, int tokens, float* weights, float* target, int headDim)
        where THeads : struct, IHeadCount
    {
        for (int dim = 0; dim < headDim; dim += FloatRows.OrderDims)
        {
            Eight<THeads>(rows, tokens, weights, target + dim, dim, headDim);
            Eight<THeads>(rows, tokens, weights, target + dim + 4, dim + 4, headDim);
        }
    }

    private static void Eight<THeads>(byte** rows, int tokens, float* weights, float* target, int dim, int headDim)
        where THeads : struct, IHeadCount
    {
        float* second = target + headDim, third = second + headDim;
        Vector128<float> low0 = Vector128.Load(target), high0 = Vector128.Load(target + 8);
        Vector128<float> low1 = default, high1 = default, low2 = default, high2 = default;
        if (THeads.Count > 1)
        {
            (low1, high1) = (Vector128.Load(second), Vector128.Load(second + 8));
            (low2, high2) = (Vector128.Load(third), Vector128.Load(third + 8));
        }

        for (int token = 0; token < tokens; token++)
        {
            TRow.Load8(rows[token], dim, out Vector128<float> low, out Vector128<float> high);
            Vector128<float> weight = Vector128.Create(weights[token]);
            low0 = Vector128.MultiplyAddEstimate(low, weight, low0);
            high0 = Vector128.MultiplyAddEstimate(high, weight, high0);
            if (THeads.Count > 1)
            {
                weight = Vector128.Create(weights[StreamBlock.Tokens + token]);
                low1 = Vector128.MultiplyAddEstimate(low, weight, low1);
                high1 = Vector128.MultiplyAddEstimate(high, weight, high1);
                weight = Vector128.Create(weights[(2 * StreamBlock.Tokens) + token]);
                low2 = Vector128.MultiplyAddEstimate(low, weight, low2);
                high2 = Vector128.MultiplyAddEstimate(high, weight, high2);
            }
        }

        low0.Store(target);
        high0.Store(target + 8);
        if (THeads.Count > 1)
        {
            low1.Store(second);
            high1.Store(second + 8);
            low2.Store(third);
            high2.Store(third + 8);
        }
    }
}
