using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>Turns the scores of a block into softmax weights relative to the largest score so far.</summary>
internal static unsafe class BlockSoftmax
{
    /// <summary>Updates the running state; rescales it only where the largest score grew.</summary>
    /// <param name="scores">[heads][32], in place; entries from <paramref name="tokens"/> on become 0.</param>
    /// <param name="tokens">Tokens present, 1..32.</param>
    /// <param name="state">Running sums.</param>
    public static void Update(float* scores, int tokens, in SoftmaxState state)
    {
        for (int head = 0; head < state.Heads; head++)
        {
            float* row = scores + (head * StreamBlock.Tokens);
            for (int i = tokens; i < StreamBlock.Tokens; i++)
            {
                row[i] = float.NegativeInfinity;
            }

            float top = Avx2.IsSupported ? Largest(row) : TensorPrimitives.Max(new ReadOnlySpan<float>(row, tokens));
            if (top > state.LargestOf(head))
            {
                state.Rescale(head, MathF.Exp(state.LargestOf(head) - top));
                state.LargestOf(head) = top;
            }

            state.TotalOf(head) += Avx2.IsSupported
                ? Exponentials(row, state.LargestOf(head), tokens)
                : PortableExponentials(row, state.LargestOf(head), tokens);
        }
    }

    private static float PortableExponentials(float* row, float largest, int tokens)
    {
        Vector128<float> sum = default;
        for (int i = 0; i < StreamBlock.Tokens; i += Vector128<float>.Count)
        {
            Vector128<float> e = VectorExp.Exp(Vector128.Load(row + i) - Vector128.Create(largest));
            e.Store(row + i);
            sum += e;
        }

        new Span<float>(row + tokens, StreamBlock.Tokens - tokens).Clear();
        return Vector128.Sum(sum);
    }

    private static float Exponentials(float* row, float largest, int tokens)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return WideExponentials(row, largest, tokens);
        }

        Vector256<float> offset = Vector256.Create(largest);
        Vector256<float> e0 = VectorExp.Exp(Avx.LoadVector256(row) - offset), e1 = VectorExp.Exp(Avx.LoadVector256(row + 8) - offset);
        Vector256<float> e2 = VectorExp.Exp(Avx.LoadVector256(row + 16) - offset), e3 = VectorExp.Exp(Avx.LoadVector256(row + 24) - offset);
        Avx.Store(row, e0);
        Avx.Store(row + 8, e1);
        Avx.Store(row + 16, e2);
        Avx.Store(row + 24, e3);
        for (int i = tokens; i < StreamBlock.Tokens; i++)
        {
            row[i] = 0f;
        }

        // Absent tokens add about 1e-38 each to this sum.
        return Vector256.Sum((e0 + e1) + (e2 + e3));
    }

    private static float WideExponentials(float* row, float largest, int tokens)
    {
        Vector512<float> offset = Vector512.Create(largest);
        Vector512<float> low = VectorExp.Exp(Vector512.Load(row) - offset), high = VectorExp.Exp(Vector512.Load(row + 16) - offset);
        low.Store(row);
        high.Store(row + 16);
        for (int i = tokens; i < StreamBlock.Tokens; i++)
        {
            row[i] = 0f;
        }

        Vector512<float> sum = low + high;
        return Vector256.Sum(sum.GetLower() + sum.GetUpper());
    }

    private static float Largest(float* row)
    {
        Vector256<float> top = Avx.Max(
            Avx.Max(Avx.LoadVector256(row), Avx.LoadVector256(row + 8)), Avx.Max(Avx.LoadVector256(row + 16), Avx.LoadVector256(row + 24)));
        Vector128<float> half = Sse.Max(top.GetLower(), top.GetUpper());
        half = Sse.Max(half, Sse.MoveHighToLow(half, half));
        return Sse.MaxScalar(half, Sse.Shuffle(half, half, 1)).ToScalar();
    }
}
