using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache.Attention;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Keys as floating-point rows; scores in float arithmetic.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal readonly unsafe struct FloatKeys<TRow> : IKeyFormat
    where TRow : struct, IFloatRow
{
    /// <inheritdoc/>
    public static bool IsCoded => false;

    /// <inheritdoc/>
    public static int Bytes(in CodeLayout layout) => layout.TokensPerUnit * layout.HeadDim * TRow.ElementBytes;

    /// <inheritdoc/>
    public static void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) =>
        TRow.Write(unit + (token * layout.HeadDim * TRow.ElementBytes), row);

    /// <inheritdoc/>
    public static void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) =>
        TRow.Read(unit + (token * layout.HeadDim * TRow.ElementBytes), row);

    /// <inheritdoc/>
    public static void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        int rowBytes = layout.HeadDim * TRow.ElementBytes;
        int token = 0;
        for (int u = 0; u < count; u++)
        {
            byte* row = units[u];
            for (int i = 0; i < layout.TokensPerUnit; i++, token++, row += rowBytes)
            {
                if (Avx2.IsSupported)
                {
                    VectorToken(row, queries, scores + token);
                }
                else
                {
                    ScalarToken(row, queries, scores + token);
                }
            }
        }
    }

    /// <summary>The reference: one row, every head.</summary>
    internal static void ScalarToken(byte* row, in QueryBlock queries, float* scores)
    {
        Span<float> key = stackalloc float[queries.HeadDim];
        TRow.Read(row, key);
        for (int head = 0; head < queries.Heads; head++)
        {
            scores[head * StreamBlock.Tokens] = TensorPrimitives.Dot(key, new ReadOnlySpan<float>(queries.Row(head), queries.HeadDim));
        }
    }

    private static void VectorToken(byte* row, in QueryBlock queries, float* scores)
    {
        int head = 0;
        for (; head + 3 <= queries.Heads; head += 3)
        {
            Dot<ThreeHeads>(row, queries.Row(head), queries.HeadDim, scores + (head * StreamBlock.Tokens));
        }

        for (; head < queries.Heads; head++)
        {
            Dot<OneHead>(row, queries.Row(head), queries.HeadDim, scores + (head * StreamBlock.Tokens));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot<THeads>(byte* row, float* query, int headDim, float* scores)
        where THeads : struct, IHeadCount
    {
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, more0 = default, more1 = default, more2 = default;
        for (int dim = 0; dim < headDim; dim += 16)
        {
            TRow.Load16(row, dim, out Vector256<float> low, out Vector256<float> high);
            sum0 = Vector256.FusedMultiplyAdd(low, Avx.LoadVector256(query + dim), sum0);
            more0 = Vector256.FusedMultiplyAdd(high, Avx.LoadVector256(query + dim + 8), more0);
            if (THeads.Count > 1)
            {
                sum1 = Vector256.FusedMultiplyAdd(low, Avx.LoadVector256(query + headDim + dim), sum1);
                more1 = Vector256.FusedMultiplyAdd(high, Avx.LoadVector256(query + headDim + dim + 8), more1);
                sum2 = Vector256.FusedMultiplyAdd(low, Avx.LoadVector256(query + (2 * headDim) + dim), sum2);
                more2 = Vector256.FusedMultiplyAdd(high, Avx.LoadVector256(query + (2 * headDim) + dim + 8), more2);
            }
        }

        scores[0] = Vector256.Sum(sum0 + more0);
        if (THeads.Count > 1)
        {
            scores[StreamBlock.Tokens] = Vector256.Sum(sum1 + more1);
            scores[2 * StreamBlock.Tokens] = Vector256.Sum(sum2 + more2);
        }
    }
}
