namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>McNemar's test (1947) of paired outcomes, in its exact binomial form, which holds for few discordant pairs too.</summary>
internal static class McNemar
{
    /// <summary>Probability, were gains and losses equally likely, of a split at least as uneven: min(1, 2 P(X &lt;= min)), X ~ Binomial(gained + lost, 1/2).</summary>
    public static double ExactPValue(int gained, int lost)
    {
        int n = gained + lost;
        int smaller = Math.Min(gained, lost);

        // log of the binomial probability, carried from term to term: 2^-n alone would underflow beyond n = 1074.
        double logTerm = -n * Math.Log(2);
        double tail = 0;
        for (int i = 0; i <= smaller; i++)
        {
            tail += Math.Exp(logTerm);
            logTerm += Math.Log(n - i) - Math.Log(i + 1);
        }

        return Math.Min(1, 2 * tail);
    }
}
