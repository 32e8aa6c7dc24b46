using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Weighted sums of packed values in 128-bit vectors, for processors without wider ones: lanes are four dimensions. The integer sums are those of <see cref="CodedValues{TPlanes}"/>.</summary>
/// <typeparam name="TPlanes">Width and packing.</typeparam>
internal static unsafe class CodedValues128<TPlanes>
    where TPlanes : struct, IPlanes
{
    private const int Lanes = 4;

    /// <summary>Adds 32 dimensions of up to 32 tokens to the running sums of every head.</summary>
    /// <param name="units">Where the value rows start.</param>
    /// <param name="count">Units of eight tokens.</param>
    /// <param name="chunk">The 32 dimensions.</param>
    /// <param name="codes">[heads][32] requantized weights.</param>
    /// <param name="steps">[heads] their steps.</param>
    /// <param name="state">Running sums.</param>
    public static void Chunk(byte** units, int count, int chunk, sbyte* codes, float* steps, in SoftmaxState state)
    {
        for (int half = 0; half < 2; half++)
        {
            int head = 0;
            for (; head + 3 <= state.Heads; head += 3)
            {
                Half<ThreeHeads>(units, count, chunk, half, codes, steps, state, head);
            }

            for (; head < state.Heads; head++)
            {
                Half<OneHead>(units, count, chunk, half, codes, steps, state, head);
            }
        }
    }

    // Halves of planes k and 4 + k hold tokens 0..3 and 4..7 of four of the dimensions 8k..8k+7.
    private static void Half<THeads>(byte** units, int count, int chunk, int half, sbyte* codes, float* steps, in SoftmaxState state, int head)
        where THeads : struct, IHeadCount
    {
        codes += head * StreamBlock.Tokens;
        Vector128<int> a0 = LeftOut(codes, count), a1 = default, a2 = default;
        if (THeads.Count > 1)
        {
            (a1, a2) = (LeftOut(codes + StreamBlock.Tokens, count), LeftOut(codes + (2 * StreamBlock.Tokens), count));
        }

        Vector128<int> b0 = a0, b1 = a1, b2 = a2, c0 = a0, c1 = a1, c2 = a2, d0 = a0, d1 = a1, d2 = a2;
        for (int u = 0; u < count; u++)
        {
            byte* cells = CodedRow.ValueChunk<TPlanes>(units[u], state.Groups, chunk);
            sbyte* place = codes + (u * CodeLayout.CodedTokens);
            Vector128<sbyte> weights0 = Eight(place), weights1 = default, weights2 = default;
            if (THeads.Count > 1)
            {
                (weights1, weights2) = (Eight(place + StreamBlock.Tokens), Eight(place + (2 * StreamBlock.Tokens)));
            }

            Plane<THeads>(TPlanes.HalfPlane(cells, 0, half), weights0, weights1, weights2, 0, ref a0, ref a1, ref a2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 1, half), weights0, weights1, weights2, 0, ref b0, ref b1, ref b2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 2, half), weights0, weights1, weights2, 0, ref c0, ref c1, ref c2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 3, half), weights0, weights1, weights2, 0, ref d0, ref d1, ref d2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 4, half), weights0, weights1, weights2, 1, ref a0, ref a1, ref a2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 5, half), weights0, weights1, weights2, 1, ref b0, ref b1, ref b2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 6, half), weights0, weights1, weights2, 1, ref c0, ref c1, ref c2);
            Plane<THeads>(TPlanes.HalfPlane(cells, 7, half), weights0, weights1, weights2, 1, ref d0, ref d1, ref d2);
        }

        float* target = state.Row(head) + (chunk * CodeLayout.ChunkDims) + (half * Lanes);
        Add(target, steps[head], a0, b0, c0, d0);
        if (THeads.Count > 1)
        {
            Add(target + state.HeadDim, steps[head + 1], a1, b1, c1, d1);
            Add(target + (2 * state.HeadDim), steps[head + 2], a2, b2, c2, d2);
        }
    }

    // What the dots leave out is the same for every dimension.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> LeftOut(sbyte* codes, int count) =>
        TPlanes.Offset == 0 ? Vector128<int>.Zero : Vector128.Create(TPlanes.Offset * ByteDot.Sum(codes, count * CodeLayout.CodedTokens));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Eight(sbyte* weights) => Vector128.CreateScalarUnsafe(*(double*)weights).AsSByte(); // As a double: no way round by a general register.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plane<THeads>(
        Vector128<byte> codes, Vector128<sbyte> weights0, Vector128<sbyte> weights1, Vector128<sbyte> weights2, [ConstantExpected(Max = (byte)1)] byte four,
        ref Vector128<int> sum0, ref Vector128<int> sum1, ref Vector128<int> sum2)
        where THeads : struct, IHeadCount
    {
        sum0 = TPlanes.Dot(sum0, codes, weights0, four);
        if (THeads.Count > 1)
        {
            sum1 = TPlanes.Dot(sum1, codes, weights1, four);
            sum2 = TPlanes.Dot(sum2, codes, weights2, four);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, float step, Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        Vector128<float> factor = Vector128.Create(step);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(a), factor, Vector128.Load(target)).Store(target);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(b), factor, Vector128.Load(target + 8)).Store(target + 8);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(c), factor, Vector128.Load(target + 16)).Store(target + 16);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(d), factor, Vector128.Load(target + 24)).Store(target + 24);
    }
}
