namespace AdaptiveKv.Inference.Sampling;

/// <summary>Makes tokens that came lately less likely (Keskar et al. 2019, CTRL, section 4.1; below 0 a factor instead of a divisor, as is usual since).</summary>
/// <param name="penalty">Over 0; 1 changes nothing.</param>
/// <param name="vocabulary">Number of token ids.</param>
internal sealed class RepetitionPenalty(double penalty, int vocabulary)
{
    private readonly int[] newest = new int[SamplingOptions.RepetitionWindow];
    private readonly float[] changed = new float[vocabulary];
    private int heard;

    /// <summary>Takes tokens, the newest last.</summary>
    public void Hear(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            newest[heard++ % newest.Length] = token;
        }
    }

    /// <summary>The logits with the penalty; valid until the next call.</summary>
    /// <param name="logits">One per token id.</param>
    public ReadOnlySpan<float> Of(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(changed);
        foreach (int token in newest.AsSpan(0, Math.Min(heard, newest.Length)))
        {
            // From the model's logit each time: a token that came twice pays once.
            changed[token] = (float)(logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty);
        }

        return changed;
    }
}
