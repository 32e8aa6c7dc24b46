using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Inference.Sampling;

/// <summary>Rows of logits, and what they amount to in double precision.</summary>
internal static class Logits
{
    /// <summary>Roughly normal with the given spread, from a seed.</summary>
    public static float[] Normal(int count, double spread, ulong seed = 7)
    {
        var random = new CounterRandom(seed);
        return [.. Enumerable.Range(0, count).Select(i => (float)(spread * Deviate(i)))];

        // The sum of 12 uniform numbers has variance 1.
        double Deviate(int i) => Enumerable.Range(0, 12).Sum(k => random.Uniform((ulong)i, (ulong)k)) - 6;
    }

    public static double[] Probabilities(float[] logits, double temperature = 1)
    {
        double maximum = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp((logit - maximum) / temperature))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    public static double LogSumExp(float[] logits)
    {
        double maximum = logits.Max();
        return maximum + Math.Log(logits.Sum(logit => Math.Exp(logit - maximum)));
    }

    public static double Entropy(float[] logits) => Probabilities(logits).Sum(p => p > 0 ? -p * Math.Log(p) : 0);

    /// <summary>Rows of many lengths (so that every remainder of a vector occurs), flat to peaked, and with tokens ruled out.</summary>
    public static TheoryData<float[]> Rows()
    {
        var rows = new TheoryData<float[]>();
        foreach (int count in (int[])[1, 2, 7, 8, 9, 15, 31, 511, 512, 513, 1031, 49_152])
        {
            foreach (double spread in (double[])[0, 0.01, 3, 40])
            {
                rows.Add(Normal(count, spread));
            }

            float[] masked = Normal(count, 2);
            for (int i = 1; i < count; i += 3)
            {
                masked[i] = float.NegativeInfinity;
            }

            rows.Add(masked);
        }

        return rows;
    }
}
