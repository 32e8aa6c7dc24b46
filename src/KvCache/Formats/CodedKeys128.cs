using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Scores of packed keys in 128-bit vectors, for processors without wider ones: lanes are half a unit's tokens. The integer sums are those of <see cref="CodedKeys{TPlanes}"/>.</summary>
/// <typeparam name="TPlanes">Width and packing.</typeparam>
internal static unsafe class CodedKeys128<TPlanes>
    where TPlanes : struct, IPlanes
{
    private const int Lanes = 4;

    /// <summary>Scores of every query head, as <see cref="IKeyFormat.Scores"/>.</summary>
    public static void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        int* leftOut = stackalloc int[queries.Heads * layout.Groups];
        LeftOut(layout, queries, leftOut);
        for (int part = 0; part < 2 * count; part++)
        {
            byte* unit = units[part / 2];
            float* target = scores + (part * Lanes);
            int head = 0;
            for (; head + 3 <= queries.Heads; head += 3)
            {
                Unit<ThreeHeads>(unit, part % 2, layout, queries, head, leftOut, target);
            }

            for (; head < queries.Heads; head++)
            {
                Unit<OneHead>(unit, part % 2, layout, queries, head, leftOut, target);
            }
        }
    }

    // [heads][groups]: what the dots of a query leave out is the same for every key.
    private static void LeftOut(in CodeLayout layout, in QueryBlock queries, int* sums)
    {
        for (int i = 0; i < queries.Heads * layout.Groups; i++)
        {
            sums[i] = TPlanes.Offset == 0 ? 0 : TPlanes.Offset * ByteDot.Sum(queries.CodeRow(0) + (i * layout.GroupSize), layout.GroupSize);
        }
    }

    // The heads share every unpacked plane.
    private static void Unit<THeads>(byte* unit, int half, in CodeLayout layout, in QueryBlock queries, int head, int* leftOut, float* scores)
        where THeads : struct, IHeadCount
    {
        int headDim = layout.HeadDim;
        sbyte* query = queries.CodeRow(head);
        byte* chunk = unit;
        leftOut += head * layout.Groups;
        Vector128<float> score0 = default, score1 = default, score2 = default;
        for (int group = 0; group < layout.Groups; group++, leftOut++)
        {
            Vector128<int> sum0 = Vector128.Create(*leftOut), sum1 = default, sum2 = default;
            if (THeads.Count > 1)
            {
                (sum1, sum2) = (Vector128.Create(leftOut[layout.Groups]), Vector128.Create(leftOut[2 * layout.Groups]));
            }

            for (int dim = 0; dim < layout.GroupSize; dim += CodeLayout.ChunkDims)
            {
                Planes<THeads>(chunk, 0, half, query, headDim, ref sum0, ref sum1, ref sum2);
                Planes<THeads>(chunk, 4, half, query + (CodeLayout.ChunkDims / 2), headDim, ref sum0, ref sum1, ref sum2);
                chunk += CodeLayout.ChunkDims * TPlanes.Bits;
                query += CodeLayout.ChunkDims;
            }

            Vector128<float> scale = CodedRow.Scales4<TPlanes>(CodedRow.KeyScales<TPlanes>(unit, headDim, group) + (Lanes * half), out Vector128<float> minimum);
            score0 = Score(sum0, scale, minimum, queries, head, group, score0);
            if (THeads.Count > 1)
            {
                score1 = Score(sum1, scale, minimum, queries, head + 1, group, score1);
                score2 = Score(sum2, scale, minimum, queries, head + 2, group, score2);
            }
        }

        scores += head * StreamBlock.Tokens;
        score0.Store(scores);
        if (THeads.Count > 1)
        {
            score1.Store(scores + StreamBlock.Tokens);
            score2.Store(scores + (2 * StreamBlock.Tokens));
        }
    }

    // Four planes: sixteen dimensions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Planes<THeads>(byte* chunk, int plane, int half, sbyte* query, int headDim, ref Vector128<int> sum0, ref Vector128<int> sum1, ref Vector128<int> sum2)
        where THeads : struct, IHeadCount
    {
        Vector128<sbyte> query0 = Vector128.Load(query), query1 = default, query2 = default;
        if (THeads.Count > 1)
        {
            (query1, query2) = (Vector128.Load(query + headDim), Vector128.Load(query + (2 * headDim)));
        }

        Plane<THeads>(TPlanes.HalfPlane(chunk, plane, half), query0, query1, query2, 0, ref sum0, ref sum1, ref sum2);
        Plane<THeads>(TPlanes.HalfPlane(chunk, plane + 1, half), query0, query1, query2, 1, ref sum0, ref sum1, ref sum2);
        Plane<THeads>(TPlanes.HalfPlane(chunk, plane + 2, half), query0, query1, query2, 2, ref sum0, ref sum1, ref sum2);
        Plane<THeads>(TPlanes.HalfPlane(chunk, plane + 3, half), query0, query1, query2, 3, ref sum0, ref sum1, ref sum2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plane<THeads>(
        Vector128<byte> codes, Vector128<sbyte> query0, Vector128<sbyte> query1, Vector128<sbyte> query2, [ConstantExpected(Max = (byte)3)] byte four,
        ref Vector128<int> sum0, ref Vector128<int> sum1, ref Vector128<int> sum2)
        where THeads : struct, IHeadCount
    {
        sum0 = TPlanes.Dot(sum0, codes, query0, four);
        if (THeads.Count > 1)
        {
            sum1 = TPlanes.Dot(sum1, codes, query1, four);
            sum2 = TPlanes.Dot(sum2, codes, query2, four);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Score(
        Vector128<int> sum, Vector128<float> scale, Vector128<float> minimum, in QueryBlock queries, int head, int group, Vector128<float> score)
    {
        Vector128<float> dot = Vector128.ConvertToSingle(sum) * queries.Scale(head);
        score = Vector128.MultiplyAddEstimate(dot, scale, score);
        return Vector128.MultiplyAddEstimate(minimum, Vector128.Create(queries.Sum(head, group)), score);
    }
}
