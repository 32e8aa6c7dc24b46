using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Rows of 16 bits widened once for the queries of many tokens: in binary32, per 32 dimensions 0..7, 16..23, 8..15, 24..31, as <see cref="IFloatRow.Load32"/> gives them.</summary>
internal static unsafe class WideRow
{
    /// <summary>Widens the rows of a block.</summary>
    /// <param name="rows">One pointer per token.</param>
    /// <param name="headDim">A multiple of 32.</param>
    /// <param name="wide">[32][headDim].</param>
    public static void Widen(byte** rows, int headDim, float* wide)
    {
        for (int token = 0; token < StreamBlock.Tokens; token++)
        {
            for (int dim = 0; dim < headDim; dim += 32, wide += 32)
            {
                HalfRow.Load32(rows[token], dim, out Vector512<float> low, out Vector512<float> high);
                low.Store(wide);
                high.Store(wide + 16);
            }
        }
    }
}
