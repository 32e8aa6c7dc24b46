using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>The weighted sums of the widened values of a block for eight queries: 32 dimensions of all stay in registers over its tokens. Each sum has the order, and the bits, of that of <see cref="FloatValues512{TRow}"/>.</summary>
internal static unsafe class WideValues512
{
    /// <summary>Queries of one call.</summary>
    public const int Rows = 8;

    /// <summary>Adds a block to the sums of some tokens.</summary>
    /// <param name="values">[32][headDim] as <see cref="WideRow"/> has them.</param>
    /// <param name="weights">[token][heads][32]; rows that are left over to eight are read, too, and summed where nobody looks.</param>
    /// <param name="states">The sums.</param>
    /// <param name="headDim">A multiple of 32.</param>
    public static void Add(float* values, float* weights, ReadOnlySpan<SoftmaxState> states, int headDim)
    {
        int heads = states[0].Heads, count = states.Length * heads;
        float* spare = stackalloc float[count % Rows == 0 ? 0 : headDim];
        float** rows = stackalloc float*[Rows];
        for (int first = 0; first < count; first += Rows)
        {
            for (int row = 0; row < Rows; row++)
            {
                rows[row] = first + row < count ? states[(first + row) / heads].Row((first + row) % heads) : spare;
            }

            Add(values, weights + (first * StreamBlock.Tokens), rows, headDim);
        }
    }

    private static void Add(float* values, float* weights, float** rows, int headDim)
    {
        for (int dim = 0; dim < headDim; dim += 32)
        {
            Vector512<float> low0 = FloatRows.Load(rows[0] + dim), high0 = FloatRows.Load(rows[0] + dim + 8);
            Vector512<float> low1 = FloatRows.Load(rows[1] + dim), high1 = FloatRows.Load(rows[1] + dim + 8);
            Vector512<float> low2 = FloatRows.Load(rows[2] + dim), high2 = FloatRows.Load(rows[2] + dim + 8);
            Vector512<float> low3 = FloatRows.Load(rows[3] + dim), high3 = FloatRows.Load(rows[3] + dim + 8);
            Vector512<float> low4 = FloatRows.Load(rows[4] + dim), high4 = FloatRows.Load(rows[4] + dim + 8);
            Vector512<float> low5 = FloatRows.Load(rows[5] + dim), high5 = FloatRows.Load(rows[5] + dim + 8);
            Vector512<float> low6 = FloatRows.Load(rows[6] + dim), high6 = FloatRows.Load(rows[6] + dim + 8);
            Vector512<float> low7 = FloatRows.Load(rows[7] + dim), high7 = FloatRows.Load(rows[7] + dim + 8);
            float* value = values + dim;
            for (int token = 0; token < StreamBlock.Tokens; token++, value += headDim)
            {
                Vector512<float> low = Vector512.Load(value), high = Vector512.Load(value + 16), weight;
                weight = Vector512.Create(weights[token]);
                (low0, high0) = (Vector512.FusedMultiplyAdd(low, weight, low0), Vector512.FusedMultiplyAdd(high, weight, high0));
                weight = Vector512.Create(weights[StreamBlock.Tokens + token]);
                (low1, high1) = (Vector512.FusedMultiplyAdd(low, weight, low1), Vector512.FusedMultiplyAdd(high, weight, high1));
                weight = Vector512.Create(weights[(2 * StreamBlock.Tokens) + token]);
                (low2, high2) = (Vector512.FusedMultiplyAdd(low, weight, low2), Vector512.FusedMultiplyAdd(high, weight, high2));
                weight = Vector512.Create(weights[(3 * StreamBlock.Tokens) + token]);
                (low3, high3) = (Vector512.FusedMultiplyAdd(low, weight, low3), Vector512.FusedMultiplyAdd(high, weight, high3));
                weight = Vector512.Create(weights[(4 * StreamBlock.Tokens) + token]);
                (low4, high4) = (Vector512.FusedMultiplyAdd(low, weight, low4), Vector512.FusedMultiplyAdd(high, weight, high4));
                weight = Vector512.Create(weights[(5 * StreamBlock.Tokens) + token]);
                (low5, high5) = (Vector512.FusedMultiplyAdd(low, weight, low5), Vector512.FusedMultiplyAdd(high, weight, high5));
                weight = Vector512.Create(weights[(6 * StreamBlock.Tokens) + token]);
                (low6, high6) = (Vector512.FusedMultiplyAdd(low, weight, low6), Vector512.FusedMultiplyAdd(high, weight, high6));
                weight = Vector512.Create(weights[(7 * StreamBlock.Tokens) + token]);
                (low7, high7) = (Vector512.FusedMultiplyAdd(low, weight, low7), Vector512.FusedMultiplyAdd(high, weight, high7));
            }

            FloatRows.Store(rows[0] + dim, low0);
            FloatRows.Store(rows[0] + dim + 8, high0);
            FloatRows.Store(rows[1] + dim, low1);
            FloatRows.Store(rows[1] + dim + 8, high1);
            FloatRows.Store(rows[2] + dim, low2);
            FloatRows.Store(rows[2] + dim + 8, high2);
            FloatRows.Store(rows[3] + dim, low3);
            FloatRows.Store(rows[3] + dim + 8, high3);
            FloatRows.Store(rows[4] + dim, low4);
            FloatRows.Store(rows[4] + dim + 8, high4);
            FloatRows.Store(rows[5] + dim, low5);
            FloatRows.Store(rows[5] + dim + 8, high5);
            FloatRows.Store(rows[6] + dim, low6);
            FloatRows.Store(rows[6] + dim + 8, high6);
            FloatRows.Store(rows[7] + dim, low7);
            FloatRows.Store(rows[7] + dim + 8, high7);
        }
    }
}
