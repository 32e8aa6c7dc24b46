using System.Numerics.Tensors;

namespace AdaptiveKv.Inference.Sampling;

/// <summary>
/// What a run of logits adds to the statistics of its row, relative to its own largest one: threads take blocks as they finish them, and
/// joining the blocks in order gives the same bits however they were shared out.
/// </summary>
/// <param name="Maximum">The largest logit; NaN where one is.</param>
/// <param name="Sum">sum exp(d), d = logit - Maximum.</param>
/// <param name="Weighted">sum exp(d) d.</param>
internal readonly record struct LogitBlock(float Maximum, double Sum, double Weighted)
{
    /// <summary>Logits of a block; a row's last one may have fewer.</summary>
    public const int Length = 512;

    /// <summary>Blocks of a row.</summary>
    public static int Count(int vocabulary) => (vocabulary + Length - 1) / Length;

    /// <summary>Reads a block.</summary>
    /// <param name="logits">1 to <see cref="Length"/> of them.</param>
    public static LogitBlock Of(ReadOnlySpan<float> logits)
    {
        float maximum = TensorPrimitives.Max(logits);
        if (!float.IsFinite(maximum))
        {
            return new LogitBlock(maximum, 0, 0);
        }

        (double sum, double weighted) = Exponentials.Sums(logits, maximum, scale: 1, []);
        return new LogitBlock(maximum, sum, weighted);
    }
}
