using System.Numerics.Tensors;
using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Predictions that others are compared with: their logits and probabilities. Comparing one costs a pass over the vocabulary in float.</summary>
/// <param name="count">How many there are.</param>
/// <param name="vocabulary">Number of logits.</param>
internal sealed class ReferencePredictions(int count, int vocabulary)
{
    // Sums of a block are floats, those of blocks doubles, so that the error does not grow with the vocabulary.
    private const int BlockLength = 512;

    private readonly float[] logits = new float[count * vocabulary];
    private readonly float[] probabilities = new float[count * vocabulary];
    private readonly NextTokenStatistics[] statistics = new NextTokenStatistics[count];

    /// <summary>Predictions there is room for.</summary>
    public int Count => count;

    /// <summary>Keeps a prediction.</summary>
    /// <exception cref="ArithmeticException">The logits are no distribution.</exception>
    public void Store(int index, ReadOnlySpan<float> values)
    {
        values.CopyTo(Logits(index));
        Span<float> exponentials = probabilities.AsSpan(index * vocabulary, vocabulary);
        NextTokenStatistics own = NextTokenStatistics.Of(values, exponentials);
        TensorPrimitives.Multiply(exponentials, (float)own.TopProbability, exponentials);
        statistics[index] = own;
    }

    /// <summary>KL(reference || other) in nats, and whether both find the same token likeliest.</summary>
    /// <exception cref="ArithmeticException">The logits are no distribution.</exception>
    public (double Kl, bool Agrees) Compare(int index, ReadOnlySpan<float> values) => Compare(index, values, NextTokenStatistics.Of(values));

    /// <summary>The same where the statistics of the logits are known.</summary>
    public (double Kl, bool Agrees) Compare(int index, ReadOnlySpan<float> values, NextTokenStatistics other)
    {
        ReadOnlySpan<float> expected = Logits(index);
        ReadOnlySpan<float> weights = probabilities.AsSpan(index * vocabulary, vocabulary);

        // sum p (log p - log q) with log p - log q = (a - b - shift) - (log sum exp a - log sum exp b - shift); the shift keeps all terms small.
        float shift = expected[statistics[index].TopToken] - values[other.TopToken];
        double sums = statistics[index].LogSumExp - other.LogSumExp - shift;
        Span<float> terms = stackalloc float[BlockLength];
        double sum = 0;
        for (int start = 0; start < vocabulary; start += BlockLength)
        {
            int length = Math.Min(BlockLength, vocabulary - start);
            Span<float> block = terms[..length];
            TensorPrimitives.Subtract(expected.Slice(start, length), values.Slice(start, length), block);
            TensorPrimitives.Subtract(block, shift, block);
            sum += TensorPrimitives.Dot<float>(weights.Slice(start, length), block);
        }

        return (Math.Max(sum - sums, 0), other.TopToken == statistics[index].TopToken);
    }

    private Span<float> Logits(int index) => logits.AsSpan(index * vocabulary, vocabulary);
}
