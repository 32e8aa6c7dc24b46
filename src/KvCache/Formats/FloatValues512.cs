using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>The weighted sum of floating-point values for three query heads in 512-bit vectors.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal static unsafe class FloatValues512<TRow>
    where TRow : struct, IFloatRow
{
    /// <summary>Adds a block; 32 dimensions of three heads stay in registers over all its tokens.</summary>
    /// <param name="rows">Values, one pointer per token.</param>
    /// <param name="tokens">Tokens of the block.</param>
    /// <param name="weights">[3][32].</param>
    /// <param name="target">[3][headDim].</param>
    /// <param name="headDim">A multiple of 32.</param>
    public static void Add(byte** rows, int tokens, float* weights, float* target, int headDim)
    {
        for (int dim = 0; dim < headDim; dim += 32)
        {
            float* first = target + dim, second = first + headDim, third = second + headDim;
            Vector512<float> low0 = FloatRows.Load(first), high0 = FloatRows.Load(first + 8);
            Vector512<float> low1 = FloatRows.Load(second), high1 = FloatRows.Load(second + 8);
            Vector512<float> low2 = FloatRows.Load(third), high2 = FloatRows.Load(third + 8);
            for (int token = 0; token < tokens; token++)
            {
                TRow.Load32(rows[token], dim, out Vector512<float> low, out Vector512<float> high);
                Vector512<float> weight = Vector512.Create(weights[token]);
                low0 = Vector512.FusedMultiplyAdd(low, weight, low0);
                high0 = Vector512.FusedMultiplyAdd(high, weight, high0);
                weight = Vector512.Create(weights[StreamBlock.Tokens + token]);
                low1 = Vector512.FusedMultiplyAdd(low, weight, low1);
                high1 = Vector512.FusedMultiplyAdd(high, weight, high1);
                weight = Vector512.Create(weights[(2 * StreamBlock.Tokens) + token]);
                low2 = Vector512.FusedMultiplyAdd(low, weight, low2);
                high2 = Vector512.FusedMultiplyAdd(high, weight, high2);
            }

            FloatRows.Store(first, low0);
            FloatRows.Store(first + 8, high0);
            FloatRows.Store(second, low1);
            FloatRows.Store(second + 8, high1);
            FloatRows.Store(third, low2);
            FloatRows.Store(third + 8, high2);
        }
    }
}
