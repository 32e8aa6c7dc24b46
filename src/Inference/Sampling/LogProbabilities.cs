namespace AdaptiveKv.Inference.Sampling;

/// <summary>Log-likelihood of given tokens, as scoring needs it.</summary>
public static class LogProbabilities
{
    /// <summary>log p(token) in nats, p = softmax(logits); float lanes, sums in double.</summary>
    /// <param name="logits">One per token id; -infinity is probability 0.</param>
    /// <param name="token">An id.</param>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public static double Of(ReadOnlySpan<float> logits, int token) => Of(logits, token, NextTokenStatistics.Of(logits));

    /// <summary>The same where the statistics of the logits are known.</summary>
    internal static double Of(ReadOnlySpan<float> logits, int token, NextTokenStatistics next)
    {
        if ((uint)token >= (uint)logits.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"token ids are 0 to {logits.Length - 1}");
        }

        return logits[token] - next.LogSumExp;
    }
}
