using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Scores of coded keys whose planes were unpacked once for the queries of many tokens, in 512-bit vectors: lanes are the sixteen tokens of two units. Codes are at most 15, so that the
/// products of 32 dimensions stay within 16 bits (8 * 2 * 15 * 127 = 30,480). Integer sums are exact; what becomes of them in float is that of <see cref="CodedKeys{TPlanes}"/>, to the bit.
/// </summary>
internal static unsafe class CodedKeys512
{
    private const int PairTokens = 2 * CodeLayout.CodedTokens;
    private const int PlaneBytes = 64;
    private const int PlanesOfChunk = CodeLayout.ChunkDims / 4;

    /// <summary>Most bits of a code.</summary>
    public const int MostBits = 4;

    /// <summary>Unpacks a block: per two units [dimensions / 4][64] codes, then, per group, sixteen scales and sixteen values of code 0.</summary>
    /// <param name="units">Where the key rows start.</param>
    /// <param name="count">Units of eight tokens; a last one without a second is unpacked twice.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="room">[32][HeadDim].</param>
    public static void Spread<TPlanes>(byte** units, int count, in CodeLayout layout, float* room)
        where TPlanes : struct, IPlanes
    {
        byte* target = (byte*)room;
        for (int u = 0; u < count; u += 2, target += PairBytes(layout))
        {
            byte* first = units[u], second = units[Math.Min(u + 1, count - 1)];
            for (int chunk = 0; chunk < layout.HeadDim / CodeLayout.ChunkDims; chunk++)
            {
                byte* codes = target + (chunk * PlanesOfChunk * PlaneBytes);
                Planes<TPlanes>(CodedRow.KeyChunk<TPlanes>(first, chunk), codes);
                Planes<TPlanes>(CodedRow.KeyChunk<TPlanes>(second, chunk), codes + (PlaneBytes / 2));
            }

            float* factors = Factors(target, layout);
            for (int group = 0; group < layout.Groups; group++, factors += 2 * PairTokens)
            {
                CodedRow.Scales8<TPlanes>(CodedRow.KeyScales<TPlanes>(first, layout.HeadDim, group), out Vector256<float> minimum).Store(factors);
                CodedRow.Scales8<TPlanes>(CodedRow.KeyScales<TPlanes>(second, layout.HeadDim, group), out Vector256<float> other).Store(factors + CodeLayout.CodedTokens);
                minimum.Store(factors + PairTokens);
                other.Store(factors + PairTokens + CodeLayout.CodedTokens);
            }
        }
    }

    /// <summary>The scores of an unpacked block for every query head.</summary>
    /// <param name="room">What <see cref="Spread"/> left.</param>
    /// <param name="count">Units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="queries">Queries of one KV head.</param>
    /// <param name="scores">[heads][32].</param>
    public static void Scores(float* room, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        byte* codes = (byte*)room;
        for (int u = 0; u < count; u += 2, codes += PairBytes(layout))
        {
            float* target = scores + (u * CodeLayout.CodedTokens);
            int head = 0;
            for (; head + 3 <= queries.Heads; head += 3)
            {
                Pair<ThreeHeads>(codes, layout, queries, head, target + (head * StreamBlock.Tokens));
            }

            for (; head < queries.Heads; head++)
            {
                Pair<OneHead>(codes, layout, queries, head, target + (head * StreamBlock.Tokens));
            }
        }
    }

    private static int PairBytes(in CodeLayout layout) => (layout.HeadDim / 4 * PlaneBytes) + (layout.Groups * 2 * PairTokens * sizeof(float));

    private static float* Factors(byte* pair, in CodeLayout layout) => (float*)(pair + (layout.HeadDim / 4 * PlaneBytes));

    private static void Planes<TPlanes>(byte* chunk, byte* target)
        where TPlanes : struct, IPlanes
    {
        TPlanes.Plane(chunk, 0).Store(target);
        TPlanes.Plane(chunk, 1).Store(target + PlaneBytes);
        TPlanes.Plane(chunk, 2).Store(target + (2 * PlaneBytes));
        TPlanes.Plane(chunk, 3).Store(target + (3 * PlaneBytes));
        TPlanes.Plane(chunk, 4).Store(target + (4 * PlaneBytes));
        TPlanes.Plane(chunk, 5).Store(target + (5 * PlaneBytes));
        TPlanes.Plane(chunk, 6).Store(target + (6 * PlaneBytes));
        TPlanes.Plane(chunk, 7).Store(target + (7 * PlaneBytes));
    }

    private static void Pair<THeads>(byte* codes, in CodeLayout layout, in QueryBlock queries, int head, float* scores)
        where THeads : struct, IHeadCount
    {
        int headDim = layout.HeadDim, chunks = layout.GroupSize / CodeLayout.ChunkDims;
        sbyte* query = queries.CodeRow(head);
        float* factors = Factors(codes, layout);
        Vector512<float> score0 = default, score1 = default, score2 = default;
        for (int group = 0; group < layout.Groups; group++, factors += 2 * PairTokens)
        {
            Vector512<int> sum0 = default, sum1 = default, sum2 = default;
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                Vector512<short> a = default, b = default, c = default;
                for (int plane = 0; plane < PlanesOfChunk; plane++, codes += PlaneBytes, query += 4)
                {
                    Vector512<byte> sixteen = Vector512.Load(codes);
                    a += Avx512BW.MultiplyAddAdjacent(sixteen, Vector512.Create(*(int*)query).AsSByte());
                    if (THeads.Count > 1)
                    {
                        b += Avx512BW.MultiplyAddAdjacent(sixteen, Vector512.Create(*(int*)(query + headDim)).AsSByte());
                        c += Avx512BW.MultiplyAddAdjacent(sixteen, Vector512.Create(*(int*)(query + (2 * headDim))).AsSByte());
                    }
                }

                Vector512<short> one = Vector512.Create((short)1);
                sum0 += Avx512BW.MultiplyAddAdjacent(a, one);
                if (THeads.Count > 1)
                {
                    sum1 += Avx512BW.MultiplyAddAdjacent(b, one);
                    sum2 += Avx512BW.MultiplyAddAdjacent(c, one);
                }
            }

            Vector512<float> scale = Vector512.Load(factors), minimum = Vector512.Load(factors + PairTokens);
            score0 = Score(sum0, scale, minimum, queries, head, group, score0);
            if (THeads.Count > 1)
            {
                score1 = Score(sum1, scale, minimum, queries, head + 1, group, score1);
                score2 = Score(sum2, scale, minimum, queries, head + 2, group, score2);
            }
        }

        score0.Store(scores);
        if (THeads.Count > 1)
        {
            score1.Store(scores + StreamBlock.Tokens);
            score2.Store(scores + (2 * StreamBlock.Tokens));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Score(
        Vector512<int> sum, Vector512<float> scale, Vector512<float> minimum, in QueryBlock queries, int head, int group, Vector512<float> score)
    {
        score = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sum) * queries.Scale(head), scale, score);
        return Vector512.FusedMultiplyAdd(minimum, Vector512.Create(queries.Sum(head, group)), score);
    }
}
