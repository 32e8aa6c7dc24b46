using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Keys as floating-point rows; scores in float arithmetic.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal readonly unsafe struct FloatKeys<TRow> : IKeyFormat
    where TRow : struct, IFloatRow
{
    public static bool IsCoded => false;

    public static int Bytes(in CodeLayout layout) => layout.TokensPerUnit * RowBytes(layout);

    public static int RowBytes(in CodeLayout layout) => layout.HeadDim * TRow.ElementBytes;

    public static void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) =>
        TRow.Write(unit + (token * RowBytes(layout)), row);

    public static void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) =>
        TRow.Read(unit + (token * RowBytes(layout)), row);

    public static void Extract(byte* unit, int token, byte* row, in CodeLayout layout) => FloatRows.Copy(unit + (token * RowBytes(layout)), row, RowBytes(layout));

    public static void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout) => FloatRows.Assemble(rows, count, layout.TokensPerUnit, RowBytes(layout), unit);

    public static void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        int rowBytes = RowBytes(layout);
        int tokens = count * layout.TokensPerUnit;
        byte** rows = stackalloc byte*[StreamBlock.Tokens + 3];
        FloatRows.Locate(units, count, layout.TokensPerUnit, rowBytes, rows);

        if (!Avx2.IsSupported && !AdvSimd.Arm64.IsSupported)
        {
            for (int token = 0; token < tokens; token++)
            {
                PortableToken(rows[token], queries, scores + token);
            }

            return;
        }

        // Four tokens at a time; the last group repeats its last row, and what it scores past the end is masked by the caller.
        for (int i = tokens; i < ((tokens + 3) & ~3); i++)
        {
            rows[i] = rows[tokens - 1];
        }

        for (int token = 0; token < tokens; token += 4)
        {
            VectorTokens(rows + token, queries, scores + token);
        }
    }

    public static bool CanSpread => Avx512F.IsSupported && typeof(TRow) == typeof(HalfRow);

    public static void Spread(byte** units, int count, in CodeLayout layout, float* room) => WideRow.Widen(units, count, layout, room);

    public static void SpreadScores(float* room, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        for (int head = 0; head < queries.Heads; head++)
        {
            WideKeys512.Scores(room, queries.Row(head), layout.HeadDim, scores + (head * StreamBlock.Tokens));
        }
    }

    // One row, every head.
    private static void PortableToken(byte* row, in QueryBlock queries, float* scores)
    {
        Span<float> key = stackalloc float[queries.HeadDim];
        TRow.Read(row, key);
        for (int head = 0; head < queries.Heads; head++)
        {
            scores[head * StreamBlock.Tokens] = TensorPrimitives.Dot(key, new ReadOnlySpan<float>(queries.Row(head), queries.HeadDim));
        }
    }

    private static void VectorTokens(byte** rows, in QueryBlock queries, float* scores)
    {
        int head = 0;
        for (; head + 3 <= queries.Heads; head += 3)
        {
            float* target = scores + (head * StreamBlock.Tokens);
            if (Avx512F.IsSupported)
            {
                FloatKeys512<TRow>.Dot<ThreeHeads>(rows, queries.Row(head), queries.HeadDim, target);
            }
            else if (AdvSimd.Arm64.IsSupported)
            {
                FloatKeysNeon<TRow>.Dot<ThreeHeads>(rows, queries.Row(head), queries.HeadDim, target);
            }
            else
            {
                Dot<ThreeHeads>(rows, queries.Row(head), queries.HeadDim, target);
            }
        }

        for (; head < queries.Heads; head++)
        {
            float* target = scores + (head * StreamBlock.Tokens);
            if (Avx512F.IsSupported)
            {
                FloatKeys512<TRow>.Dot<OneHead>(rows, queries.Row(head), queries.HeadDim, target);
            }
            else if (AdvSimd.Arm64.IsSupported)
            {
                FloatKeysNeon<TRow>.Dot<OneHead>(rows, queries.Row(head), queries.HeadDim, target);
            }
            else
            {
                Dot<OneHead>(rows, queries.Row(head), queries.HeadDim, target);
            }
        }
    }

    // Twelve sums: sumHT of head H and token T.
    private static void Dot<THeads>(byte** rows, float* query, int headDim, float* scores)
        where THeads : struct, IHeadCount
    {
        byte* row0 = rows[0], row1 = rows[1], row2 = rows[2], row3 = rows[3];
        float* second = query + headDim, third = second + headDim;
        Vector256<float> sum00 = default, sum01 = default, sum02 = default, sum03 = default;
        Vector256<float> sum10 = default, sum11 = default, sum12 = default, sum13 = default;
        Vector256<float> sum20 = default, sum21 = default, sum22 = default, sum23 = default;
        for (int dim = 0; dim < headDim; dim += 16)
        {
            Token<THeads>(row0, dim, query, second, third, ref sum00, ref sum10, ref sum20);
            Token<THeads>(row1, dim, query, second, third, ref sum01, ref sum11, ref sum21);
            Token<THeads>(row2, dim, query, second, third, ref sum02, ref sum12, ref sum22);
            Token<THeads>(row3, dim, query, second, third, ref sum03, ref sum13, ref sum23);
        }

        Sse.Store(scores, FloatRows.Sums(sum00, sum01, sum02, sum03));
        if (THeads.Count > 1)
        {
            Sse.Store(scores + StreamBlock.Tokens, FloatRows.Sums(sum10, sum11, sum12, sum13));
            Sse.Store(scores + (2 * StreamBlock.Tokens), FloatRows.Sums(sum20, sum21, sum22, sum23));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Token<THeads>(
        byte* row, int dim, float* first, float* second, float* third, ref Vector256<float> sum0, ref Vector256<float> sum1, ref Vector256<float> sum2)
        where THeads : struct, IHeadCount
    {
        TRow.Load16(row, dim, out Vector256<float> low, out Vector256<float> high);
        sum0 = Vector256.FusedMultiplyAdd(low, Avx.LoadVector256(first + dim), sum0);
        sum0 = Vector256.FusedMultiplyAdd(high, Avx.LoadVector256(first + dim + 8), sum0);
        if (THeads.Count > 1)
        {
            sum1 = Vector256.FusedMultiplyAdd(low, Avx.LoadVector256(second + dim), sum1);
            sum1 = Vector256.FusedMultiplyAdd(high, Avx.LoadVector256(second + dim + 8), sum1);
            sum2 = Vector256.FusedMultiplyAdd(low, Avx.LoadVector256(third + dim), sum2);
            sum2 = Vector256.FusedMultiplyAdd(high, Avx.LoadVector256(third + dim + 8), sum2);
        }
    }
}
