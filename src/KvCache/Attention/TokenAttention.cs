using System.Numerics.Tensors;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Attention;

/// <summary>Attention to one token in float arithmetic: the reference of the block kernels, and the step for a token outside the cache.</summary>
internal static unsafe class TokenAttention
{
    /// <summary>Adds one token to the running softmax of every head.</summary>
    /// <param name="key">[HeadDim].</param>
    /// <param name="value">[HeadDim].</param>
    /// <param name="queries">Queries of one KV head.</param>
    /// <param name="state">Their running sums.</param>
    /// <param name="offsets">[heads], 32 apart: what the key's mean adds to the scores; null for nothing.</param>
    public static void Add(ReadOnlySpan<float> key, ReadOnlySpan<float> value, in QueryBlock queries, in SoftmaxState state, float* offsets)
    {
        for (int head = 0; head < queries.Heads; head++)
        {
            float score = TensorPrimitives.Dot(key, new ReadOnlySpan<float>(queries.Row(head), queries.HeadDim)) + (offsets is null ? 0f : offsets[head * StreamBlock.Tokens]);
            if (score > state.LargestOf(head))
            {
                state.Rescale(head, MathF.Exp(state.LargestOf(head) - score));
                state.LargestOf(head) = score;
            }

            float weight = MathF.Exp(score - state.LargestOf(head));
            state.TotalOf(head) += weight;
            Span<float> sums = new(state.Row(head), state.HeadDim);
            TensorPrimitives.MultiplyAdd(value, weight, sums, sums);
        }
    }
}
