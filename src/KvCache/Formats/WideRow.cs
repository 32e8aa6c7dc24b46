using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Rows of 16 bits widened once for the queries of many tokens: in binary32, per 32 dimensions 0..7, 16..23, 8..15, 24..31, as <see cref="IFloatRow.Load32"/> gives them.</summary>
internal static unsafe class WideRow
{
    /// <summary>Widens the rows of a block; where it has fewer than 32, others stand for those that are not there.</summary>
    /// <param name="units">Where each unit's rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="wide">[32][headDim].</param>
    public static void Widen(byte** units, int count, in CodeLayout layout, float* wide)
    {
        byte** rows = stackalloc byte*[StreamBlock.Tokens];
        FloatRows.Locate(units, count, layout.TokensPerUnit, layout.HeadDim * HalfRow.ElementBytes, rows);
        for (int token = 0; token < StreamBlock.Tokens; token++)
        {
            byte* row = token < count * layout.TokensPerUnit ? rows[token] : rows[0];
            for (int dim = 0; dim < layout.HeadDim; dim += 32, wide += 32)
            {
                HalfRow.Load32(row, dim, out Vector512<float> low, out Vector512<float> high);
                low.Store(wide);
                high.Store(wide + 16);
            }
        }
    }
}
