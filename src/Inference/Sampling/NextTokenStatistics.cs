namespace AdaptiveKv.Inference.Sampling;

/// <summary>What the model's next-token distribution p = softmax(logits) is like, before any temperature or cut.</summary>
/// <param name="Entropy">-sum p log p, in nats.</param>
/// <param name="LogSumExp">log sum exp(logit): log p(t) = logit of t - LogSumExp.</param>
/// <param name="TopProbability">Probability of the likeliest token.</param>
/// <param name="TopToken">The likeliest token; the lowest id of equals.</param>
public readonly record struct NextTokenStatistics(double Entropy, double LogSumExp, double TopProbability, int TopToken)
{
    /// <summary>Reads the logits of one position.</summary>
    /// <param name="logits">One per token id, not empty; -infinity is probability 0.</param>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public static NextTokenStatistics Of(ReadOnlySpan<float> logits) => Of(logits, []);

    /// <summary>Reads the logits of one position and keeps exp(logit - maximum) of each: the probability over <see cref="TopProbability"/>.</summary>
    /// <param name="logits">One per token id, not empty; -infinity is probability 0.</param>
    /// <param name="exponentials">One per token id, or empty where they are not wanted.</param>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public static NextTokenStatistics Of(ReadOnlySpan<float> logits, Span<float> exponentials)
    {
        int top = Exponentials.Maximum(logits);
        (double sum, double weighted) = Exponentials.Sums(logits, logits[top], scale: 1, exponentials);

        // With d = logit - maximum and S = sum exp(d): -sum p log p = log S - sum(exp(d) d) / S.
        return new NextTokenStatistics(Math.Log(sum) - (weighted / sum), logits[top] + Math.Log(sum), 1 / sum, top);
    }
}
