using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Values as packed codes. A token's scale is folded into its softmax weight, the weights of a block are requantized to 7 bits, and the
/// sum over tokens is an integer dot; the minima enter exactly, in float.
/// </summary>
/// <typeparam name="TPlanes">Width and packing.</typeparam>
internal readonly unsafe struct CodedValues<TPlanes> : IValueFormat
    where TPlanes : struct, IPlanes
{
    public static bool IsCoded => true;

    public static int Bytes(in CodeLayout layout) => CodedRow.Bytes<TPlanes>(layout);

    public static int RowBytes(in CodeLayout layout) => OpenRow.ValueBytes<TPlanes>(layout);

    public static void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) =>
        CodedRow.Write<TPlanes>(unit, token, row, layout, keys: false);

    public static void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) =>
        CodedRow.Read<TPlanes>(unit, token, row, layout, keys: false);

    public static void Extract(byte* unit, int token, byte* row, in CodeLayout layout) => OpenRow.ExtractValue<TPlanes>(unit, token, row, layout);

    public static void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout) => OpenRow.AssembleValues<TPlanes>(rows, count, unit, layout);

    public static void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state)
    {
        sbyte* codes = stackalloc sbyte[state.Heads * StreamBlock.Tokens];
        float* steps = stackalloc float[state.Heads], factors = stackalloc float[2 * StreamBlock.Tokens];
        int chunksPerGroup = layout.GroupSize / CodeLayout.ChunkDims;
        for (int group = 0; group < layout.Groups; group++)
        {
            WeightCode.Widen<TPlanes>(units, count, group, factors);
            WeightCode.Fold(factors, count, group, weights, codes, steps, state);
            for (int c = group * chunksPerGroup; c < (group + 1) * chunksPerGroup; c++)
            {
                AccumulateChunk(units, count, c, codes, steps, state);
            }
        }
    }

    public static bool CanSpread => Avx512BW.IsSupported && TPlanes.Bits <= CodedKeys512.MostBits;

    public static void Spread(byte** units, int count, in CodeLayout layout, float* room) => CodedValues512.Spread<TPlanes>(units, count, layout, room);

    public static void AccumulateSpread(float* room, int count, in CodeLayout layout, float* weights, ReadOnlySpan<SoftmaxState> states)
    {
        foreach (ref readonly SoftmaxState state in states)
        {
            CodedValues512.Accumulate(room, count, layout, weights, state);
            weights += state.Heads * StreamBlock.Tokens;
        }
    }

    private static void AccumulateChunk(byte** units, int count, int chunk, sbyte* codes, float* steps, in SoftmaxState state)
    {
        if (!Avx2.IsSupported)
        {
            CodedValues128<TPlanes>.Chunk(units, count, chunk, codes, steps, state);
            return;
        }

        int head = 0;
        for (; head + 3 <= state.Heads; head += 3)
        {
            VectorChunk<ThreeHeads>(units, count, chunk, codes, steps, state, head);
        }

        for (; head < state.Heads; head++)
        {
            VectorChunk<OneHead>(units, count, chunk, codes, steps, state, head);
        }
    }

    // Lanes are eight dimensions; planes k and 4 + k hold tokens 0..3 and 4..7 of dimensions 8k..8k+7.
    private static void VectorChunk<THeads>(byte** units, int count, int chunk, sbyte* codes, float* steps, in SoftmaxState state, int head)
        where THeads : struct, IHeadCount
    {
        codes += head * StreamBlock.Tokens;
        int headDim = state.HeadDim;
        float* target = state.Row(head) + (chunk * CodeLayout.ChunkDims);
        Vector256<int> a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
        Vector256<int> c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
        for (int u = 0; u < count; u++)
        {
            byte* cells = CodedRow.ValueChunk<TPlanes>(units[u], state.Groups, chunk);
            sbyte* weights = codes + (u * CodeLayout.CodedTokens);
            Plane<THeads>(TPlanes.Plane(cells, 0), weights, ref a0, ref a1, ref a2);
            Plane<THeads>(TPlanes.Plane(cells, 1), weights, ref b0, ref b1, ref b2);
            Plane<THeads>(TPlanes.Plane(cells, 2), weights, ref c0, ref c1, ref c2);
            Plane<THeads>(TPlanes.Plane(cells, 3), weights, ref d0, ref d1, ref d2);
            Plane<THeads>(TPlanes.Plane(cells, 4), weights + 4, ref a0, ref a1, ref a2);
            Plane<THeads>(TPlanes.Plane(cells, 5), weights + 4, ref b0, ref b1, ref b2);
            Plane<THeads>(TPlanes.Plane(cells, 6), weights + 4, ref c0, ref c1, ref c2);
            Plane<THeads>(TPlanes.Plane(cells, 7), weights + 4, ref d0, ref d1, ref d2);
        }

        Add(target, steps[head], a0, b0, c0, d0);
        if (THeads.Count > 1)
        {
            Add(target + headDim, steps[head + 1], a1, b1, c1, d1);
            Add(target + (2 * headDim), steps[head + 2], a2, b2, c2, d2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plane<THeads>(
        Vector256<byte> codes, sbyte* weights, ref Vector256<int> sum0, ref Vector256<int> sum1, ref Vector256<int> sum2)
        where THeads : struct, IHeadCount
    {
        sum0 = TPlanes.Dot(sum0, codes, Vector256.Create(*(int*)weights).AsSByte());
        if (THeads.Count > 1)
        {
            sum1 = TPlanes.Dot(sum1, codes, Vector256.Create(*(int*)(weights + StreamBlock.Tokens)).AsSByte());
            sum2 = TPlanes.Dot(sum2, codes, Vector256.Create(*(int*)(weights + (2 * StreamBlock.Tokens))).AsSByte());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, float step, Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<float> factor = Vector256.Create(step);
        Avx.Store(target, Vector256.FusedMultiplyAdd(Avx.ConvertToVector256Single(a), factor, Avx.LoadVector256(target)));
        Avx.Store(target + 8, Vector256.FusedMultiplyAdd(Avx.ConvertToVector256Single(b), factor, Avx.LoadVector256(target + 8)));
        Avx.Store(target + 16, Vector256.FusedMultiplyAdd(Avx.ConvertToVector256Single(c), factor, Avx.LoadVector256(target + 16)));
        Avx.Store(target + 24, Vector256.FusedMultiplyAdd(Avx.ConvertToVector256Single(d), factor, Avx.LoadVector256(target + 24)));
    }
}
