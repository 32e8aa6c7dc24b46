namespace AdaptiveKv.Inference.Sampling;

/// <summary>What the model's next-token distribution p = softmax(logits) is like, before any temperature or cut.</summary>
/// <param name="Entropy">-sum p log p, in nats.</param>
/// <param name="LogSumExp">log sum exp(logit): log p(t) = logit of t - LogSumExp.</param>
/// <param name="TopProbability">Probability of the likeliest token.</param>
/// <param name="TopToken">The likeliest token; the lowest id of equals.</param>
public readonly record struct NextTokenStatistics(double Entropy, double LogSumExp, double TopProbability, int TopToken)
{
    private const int StackLength = 1 << 18; // 512 blocks: 12 KB.

    /// <summary>Reads the logits of one position.</summary>
    /// <param name="logits">One per token id, not empty; -infinity is probability 0.</param>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public static NextTokenStatistics Of(ReadOnlySpan<float> logits)
    {
        Span<LogitBlock> blocks = logits.Length <= StackLength ? stackalloc LogitBlock[LogitBlock.Count(logits.Length)] : new LogitBlock[LogitBlock.Count(logits.Length)];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = LogitBlock.Of(Block(logits, i));
        }

        return Join(blocks, logits);
    }

    /// <summary>Reads the logits of one position and keeps exp(logit - maximum) of each: the probability over <see cref="TopProbability"/>.</summary>
    /// <param name="logits">One per token id, not empty; -infinity is probability 0.</param>
    /// <param name="exponentials">One per token id.</param>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public static NextTokenStatistics Of(ReadOnlySpan<float> logits, Span<float> exponentials)
    {
        NextTokenStatistics statistics = Of(logits);
        Exponentials.Sums(logits, logits[statistics.TopToken], scale: 1, exponentials);
        return statistics;
    }

    /// <summary>Joins the blocks of a row.</summary>
    /// <param name="blocks">In order.</param>
    /// <param name="logits">The row.</param>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    internal static NextTokenStatistics Join(ReadOnlySpan<LogitBlock> blocks, ReadOnlySpan<float> logits)
    {
        int top = -1;
        float maximum = float.NegativeInfinity;
        for (int i = 0; i < blocks.Length; i++)
        {
            if (!(blocks[i].Maximum <= maximum))
            {
                (top, maximum) = (i, blocks[i].Maximum);
            }

            if (float.IsNaN(maximum))
            {
                break;
            }
        }

        if (!float.IsFinite(maximum))
        {
            throw Exponentials.NoDistribution(logits);
        }

        // Relative to the row's maximum a block's sums are those over exp(d + shift) and exp(d + shift) (d + shift).
        double sum = 0, weighted = 0;
        foreach (LogitBlock block in blocks)
        {
            if (block.Sum > 0)
            {
                double shift = (double)block.Maximum - maximum;
                double factor = Math.Exp(shift);
                sum += factor * block.Sum;
                weighted += factor * (block.Weighted + (shift * block.Sum));
            }
        }

        // With d = logit - maximum and S = sum exp(d): -sum p log p = log S - sum(exp(d) d) / S.
        int token = (top * LogitBlock.Length) + Block(logits, top).IndexOf(maximum);
        return new NextTokenStatistics(Math.Log(sum) - (weighted / sum), maximum + Math.Log(sum), 1 / sum, token);
    }

    private static ReadOnlySpan<float> Block(ReadOnlySpan<float> logits, int block)
    {
        int start = block * LogitBlock.Length;
        return logits.Slice(start, Math.Min(LogitBlock.Length, logits.Length - start));
    }
}
