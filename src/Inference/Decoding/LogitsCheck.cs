using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>A NaN anywhere in the network reaches the logits; it must never become a score.</summary>
internal static class LogitsCheck
{
    /// <exception cref="ArithmeticException">A logit is NaN or infinite.</exception>
    public static void ThrowIfNotANumber(ReadOnlySpan<float> logits)
    {
        // The sum of finite logits is finite, and any NaN or infinity makes it not so.
        if (!float.IsFinite(System.Numerics.Tensors.TensorPrimitives.Sum(logits)))
        {
            throw NotNumbers();
        }
    }

    /// <summary>The same for logits that were measured block by block.</summary>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all of a block are -infinity.</exception>
    public static void ThrowIfNotANumber(ReadOnlySpan<LogitBlock> blocks)
    {
        foreach (LogitBlock block in blocks)
        {
            if (!float.IsFinite(block.Maximum))
            {
                throw NotNumbers();
            }
        }
    }

    private static ArithmeticException NotNumbers() => new("the logits are not numbers; check the weights with 'akv model verify'");
}
