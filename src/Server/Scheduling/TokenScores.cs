using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>Log-probabilities as clients ask for them.</summary>
internal static class TokenScores
{
    // JSON has no infinity; OpenAI's own number for a token that cannot come.
    private const double Least = -9999;

    /// <summary>Scores a token.</summary>
    /// <param name="token">The token that is there.</param>
    /// <param name="logits">[vocabulary] before it.</param>
    /// <param name="statistics">What they are like.</param>
    /// <param name="likeliest">How many of the likeliest are told.</param>
    public static ScoredToken Of(int token, ReadOnlySpan<float> logits, NextTokenStatistics statistics, int likeliest)
    {
        Span<int> best = stackalloc int[likeliest];
        int count = 0;
        for (int id = 0; id < logits.Length && likeliest > 0; id++)
        {
            if (count == likeliest && logits[id] <= logits[best[^1]])
            {
                continue;
            }

            int place = count < likeliest ? count++ : likeliest - 1;
            for (; place > 0 && logits[best[place - 1]] < logits[id]; place--)
            {
                best[place] = best[place - 1];
            }

            best[place] = id;
        }

        (int, double)[] told = new (int, double)[count];
        for (int i = 0; i < count; i++)
        {
            told[i] = (best[i], Of(logits[best[i]], statistics));
        }

        return new ScoredToken(token, Of(logits[token], statistics), told);
    }

    private static double Of(float logit, NextTokenStatistics statistics) => Math.Max(logit - statistics.LogSumExp, Least);
}
