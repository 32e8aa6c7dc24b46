using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Keys as packed codes; scores are integer dots of the int8 query with the unpacked codes.</summary>
/// <typeparam name="TPlanes">Width and packing.</typeparam>
internal readonly unsafe struct CodedKeys<TPlanes> : IKeyFormat
    where TPlanes : struct, IPlanes
{
    public static bool IsCoded => true;

    public static int Bytes(in CodeLayout layout) => CodedRow.Bytes<TPlanes>(layout);

    public static int RowBytes(in CodeLayout layout) => OpenRow.KeyBytes<TPlanes>(layout);

    public static void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) =>
        CodedRow.Write<TPlanes>(unit, token, row, layout, keys: true);

    public static void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) =>
        CodedRow.Read<TPlanes>(unit, token, row, layout, keys: true);

    public static void Extract(byte* unit, int token, byte* row, in CodeLayout layout) => OpenRow.ExtractKey<TPlanes>(unit, token, row, layout);

    public static void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout) => OpenRow.AssembleKeys<TPlanes>(rows, count, unit, layout);

    public static void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        if (!Avx2.IsSupported)
        {
            CodedKeys128<TPlanes>.Scores(units, count, layout, queries, scores);
            return;
        }

        int head = 0;
        for (; head + 3 <= queries.Heads; head += 3)
        {
            VectorScores<ThreeHeads>(units, count, layout, queries, head, scores);
        }

        for (; head < queries.Heads; head++)
        {
            VectorScores<OneHead>(units, count, layout, queries, head, scores);
        }
    }

    public static bool CanSpread => Avx512BW.IsSupported && TPlanes.Bits <= CodedKeys512.MostBits;

    public static void Spread(byte** units, int count, in CodeLayout layout, float* room) => CodedKeys512.Spread<TPlanes>(units, count, layout, room);

    public static void SpreadScores(float* room, int count, in CodeLayout layout, in QueryBlock queries, float* scores) =>
        CodedKeys512.Scores(room, count, layout, queries, scores);

    // Lanes are a unit's eight tokens; the three heads of a GQA group share every unpacked plane. Two units at a time share the query's
    // broadcasts, and six sums hide the latency of the dots. A last unit without a second is scored twice; behind the last token the caller masks.
    private static void VectorScores<THeads>(byte** units, int count, in CodeLayout layout, in QueryBlock queries, int head, float* scores)
        where THeads : struct, IHeadCount
    {
        int headDim = layout.HeadDim;
        int groups = layout.Groups;
        int chunksPerGroup = layout.GroupSize / CodeLayout.ChunkDims;
        for (int u = 0; u < count; u += 2)
        {
            float* target = scores + (head * StreamBlock.Tokens) + (u * CodeLayout.CodedTokens);
            byte* unit = units[u];
            byte* chunk = unit;
            long toSecond = units[Math.Min(u + 1, count - 1)] - unit;
            sbyte* query = queries.CodeRow(head);
            Vector256<float> score0 = default, score1 = default, score2 = default, ahead0 = default, ahead1 = default, ahead2 = default;
            for (int group = 0; group < groups; group++)
            {
                Vector256<int> sum0 = default, sum1 = default, sum2 = default, next0 = default, next1 = default, next2 = default;
                for (int c = 0; c < chunksPerGroup; c++)
                {
                    byte* second = chunk + toSecond;
                    Plane<THeads>(chunk, second, 0, query, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 1, query + 4, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 2, query + 8, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 3, query + 12, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 4, query + 16, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 5, query + 20, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 6, query + 24, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    Plane<THeads>(chunk, second, 7, query + 28, headDim, ref sum0, ref sum1, ref sum2, ref next0, ref next1, ref next2);
                    chunk += CodeLayout.ChunkDims * TPlanes.Bits;
                    query += CodeLayout.ChunkDims;
                }

                Finish<THeads>(unit, layout, queries, head, group, sum0, sum1, sum2, ref score0, ref score1, ref score2);
                Finish<THeads>(unit + toSecond, layout, queries, head, group, next0, next1, next2, ref ahead0, ref ahead1, ref ahead2);
            }

            Store<THeads>(target, score0, score1, score2);
            Store<THeads>(target + CodeLayout.CodedTokens, ahead0, ahead1, ahead2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plane<THeads>(
        byte* chunk, byte* second, int plane, sbyte* query, int headDim, ref Vector256<int> sum0, ref Vector256<int> sum1, ref Vector256<int> sum2,
        ref Vector256<int> next0, ref Vector256<int> next1, ref Vector256<int> next2)
        where THeads : struct, IHeadCount
    {
        Vector256<byte> codes = TPlanes.Plane(chunk, plane), next = TPlanes.Plane(second, plane);
        Vector256<sbyte> weights = Vector256.Create(*(int*)query).AsSByte();
        sum0 = TPlanes.Dot(sum0, codes, weights);
        next0 = TPlanes.Dot(next0, next, weights);
        if (THeads.Count > 1)
        {
            weights = Vector256.Create(*(int*)(query + headDim)).AsSByte();
            sum1 = TPlanes.Dot(sum1, codes, weights);
            next1 = TPlanes.Dot(next1, next, weights);
            weights = Vector256.Create(*(int*)(query + (2 * headDim))).AsSByte();
            sum2 = TPlanes.Dot(sum2, codes, weights);
            next2 = TPlanes.Dot(next2, next, weights);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<THeads>(
        byte* unit, in CodeLayout layout, in QueryBlock queries, int head, int group, Vector256<int> sum0, Vector256<int> sum1, Vector256<int> sum2,
        ref Vector256<float> score0, ref Vector256<float> score1, ref Vector256<float> score2)
        where THeads : struct, IHeadCount
    {
        Vector256<float> scale = CodedRow.Scales8<TPlanes>(CodedRow.KeyScales<TPlanes>(unit, layout.HeadDim, group), out Vector256<float> minimum);
        score0 = Score(sum0, scale, minimum, queries, head, group, score0);
        if (THeads.Count > 1)
        {
            score1 = Score(sum1, scale, minimum, queries, head + 1, group, score1);
            score2 = Score(sum2, scale, minimum, queries, head + 2, group, score2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<THeads>(float* target, Vector256<float> score0, Vector256<float> score1, Vector256<float> score2)
        where THeads : struct, IHeadCount
    {
        Avx.Store(target, score0);
        if (THeads.Count > 1)
        {
            Avx.Store(target + StreamBlock.Tokens, score1);
            Avx.Store(target + (2 * StreamBlock.Tokens), score2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Score(
        Vector256<int> sum, Vector256<float> scale, Vector256<float> minimum, in QueryBlock queries, int head, int group, Vector256<float> score)
    {
        Vector256<float> dot = Avx.ConvertToVector256Single(sum) * Vector256.Create(queries.Scale(head));
        score = Vector256.FusedMultiplyAdd(dot, scale, score);
        return Vector256.FusedMultiplyAdd(minimum, Vector256.Create(queries.Sum(head, group)), score);
    }
}
