using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Weighted sums of coded values whose planes were unpacked once for the queries of many tokens, in 512-bit vectors: lanes are sixteen dimensions. Codes are at most 15 and weights at most 127, so
/// that the products of 32 tokens stay within 16 bits. Integer sums are exact; what becomes of them in float is that of <see cref="CodedValues{TPlanes}"/>, to the bit.
/// </summary>
internal static unsafe class CodedValues512
{
    private const int VectorBytes = 64;
    private const int UnitBytes = 4 * VectorBytes; // Of a chunk: tokens 0..3 of dimensions 0..15 and 16..31, then tokens 4..7.

    /// <summary>Unpacks a block: [HeadDim / 32][unit] codes, then, per group, 32 scales and 32 values of code 0.</summary>
    /// <param name="units">Where the value rows start.</param>
    /// <param name="count">Units of eight tokens.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="room">[32][HeadDim].</param>
    public static void Spread<TPlanes>(byte** units, int count, in CodeLayout layout, float* room)
        where TPlanes : struct, IPlanes
    {
        byte* target = (byte*)room;
        for (int chunk = 0; chunk < layout.HeadDim / CodeLayout.ChunkDims; chunk++)
        {
            for (int u = 0; u < count; u++, target += UnitBytes)
            {
                byte* cells = CodedRow.ValueChunk<TPlanes>(units[u], layout.Groups, chunk);
                TPlanes.Plane(cells, 0).Store(target);
                TPlanes.Plane(cells, 1).Store(target + 32);
                TPlanes.Plane(cells, 2).Store(target + 64);
                TPlanes.Plane(cells, 3).Store(target + 96);
                TPlanes.Plane(cells, 4).Store(target + 128);
                TPlanes.Plane(cells, 5).Store(target + 160);
                TPlanes.Plane(cells, 6).Store(target + 192);
                TPlanes.Plane(cells, 7).Store(target + 224);
            }
        }

        for (int group = 0; group < layout.Groups; group++)
        {
            WeightCode.Widen<TPlanes>(units, count, group, Factors(room, count, layout, group));
        }
    }

    /// <summary>Adds an unpacked block to the running sums.</summary>
    /// <param name="room">What <see cref="Spread"/> left.</param>
    /// <param name="count">Units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="weights">[heads][32] softmax weights; 0 for absent tokens.</param>
    /// <param name="state">Running sums of one KV head's queries.</param>
    public static void Accumulate(float* room, int count, in CodeLayout layout, float* weights, in SoftmaxState state)
    {
        sbyte* codes = stackalloc sbyte[state.Heads * StreamBlock.Tokens];
        float* steps = stackalloc float[state.Heads];
        int chunks = layout.GroupSize / CodeLayout.ChunkDims;
        for (int group = 0; group < layout.Groups; group++)
        {
            WeightCode.Fold(Factors(room, count, layout, group), count, group, weights, codes, steps, state);
            for (int chunk = group * chunks; chunk < (group + 1) * chunks; chunk++)
            {
                byte* cells = (byte*)room + ((nint)chunk * count * UnitBytes);
                int head = 0;
                for (; head + 3 <= state.Heads; head += 3)
                {
                    Chunk<ThreeHeads>(cells, count, codes, steps, state, head, chunk);
                }

                for (; head < state.Heads; head++)
                {
                    Chunk<OneHead>(cells, count, codes, steps, state, head, chunk);
                }
            }
        }
    }

    private static float* Factors(float* room, int count, in CodeLayout layout, int group) =>
        (float*)((byte*)room + (layout.HeadDim / CodeLayout.ChunkDims * count * UnitBytes)) + (group * 2 * StreamBlock.Tokens);

    private static void Chunk<THeads>(byte* cells, int count, sbyte* codes, float* steps, in SoftmaxState state, int head, int chunk)
        where THeads : struct, IHeadCount
    {
        codes += head * StreamBlock.Tokens;
        Vector512<short> low0 = default, low1 = default, low2 = default, high0 = default, high1 = default, high2 = default;
        for (int four = 0; four < 2 * count; four++, cells += 2 * VectorBytes, codes += 4)
        {
            Vector512<byte> low = Vector512.Load(cells), high = Vector512.Load(cells + VectorBytes);
            Add(low, high, codes, ref low0, ref high0);
            if (THeads.Count > 1)
            {
                Add(low, high, codes + StreamBlock.Tokens, ref low1, ref high1);
                Add(low, high, codes + (2 * StreamBlock.Tokens), ref low2, ref high2);
            }
        }

        float* target = state.Row(head) + (chunk * CodeLayout.ChunkDims);
        Store(target, steps[head], low0, high0);
        if (THeads.Count > 1)
        {
            Store(target + state.HeadDim, steps[head + 1], low1, high1);
            Store(target + (2 * state.HeadDim), steps[head + 2], low2, high2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<byte> low, Vector512<byte> high, sbyte* weights, ref Vector512<short> lows, ref Vector512<short> highs)
    {
        Vector512<sbyte> weight = Vector512.Create(*(int*)weights).AsSByte();
        lows += Avx512BW.MultiplyAddAdjacent(low, weight);
        highs += Avx512BW.MultiplyAddAdjacent(high, weight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, float step, Vector512<short> low, Vector512<short> high)
    {
        Vector512<float> factor = Vector512.Create(step);
        Vector512<short> one = Vector512.Create((short)1);
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(low, one)), factor, Vector512.Load(target)).Store(target);
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(high, one)), factor, Vector512.Load(target + 16)).Store(target + 16);
    }
}
