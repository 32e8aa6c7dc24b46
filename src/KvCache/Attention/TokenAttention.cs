using System.Numerics.Tensors;

namespace AdaptiveKv.KvCache.Attention;

/// <summary>Attention to one token in float arithmetic: the reference of the block kernels, and the step for a token outside the cache.</summary>
internal static unsafe class TokenAttention
{
    /// <summary>Adds one token to the running softmax of every head.</summary>
    /// <param name="key">[HeadDim].</param>
    /// <param name="value">[HeadDim].</param>
    /// <param name="queries">Queries of one KV head.</param>
    /// <param name="state">Their running sums.</param>
    public static void Add(ReadOnlySpan<float> key, ReadOnlySpan<float> value, in QueryBlock queries, in SoftmaxState state)
    {
        for (int head = 0; head < queries.Heads; head++)
        {
            float score = TensorPrimitives.Dot(key, new ReadOnlySpan<float>(queries.Row(head), queries.HeadDim));
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
