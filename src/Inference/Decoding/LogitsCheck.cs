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
            throw new ArithmeticException("the logits are not numbers; check the weights with 'akv model verify'");
        }
    }
}
