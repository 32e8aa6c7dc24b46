using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>The fit of a group's code, one element and one candidate at a time: the reference for the vectors.</summary>
internal static class ScalarUniformCode
{
    public static UniformCode Fit(float[] group, int bits)
    {
        (float low, float high) = (group.Min(), group.Max());
        UniformCode best = FromRange(low, high, bits);
        float least = SquaredError(best, group, bits);
        for (int step = 1; step <= 12; step++)
        {
            float keep = 1f - (step * 0.04f);
            UniformCode candidate = FromRange(low * keep, high * keep, bits);
            float error = SquaredError(candidate, group, bits);
            (least, best) = error < least ? (error, candidate) : (least, best);
        }

        for (int round = 0; round < 3; round++)
        {
            UniformCode refit = Refit(best, group, bits);
            float error = SquaredError(refit, group, bits);
            if (error >= least)
            {
                break;
            }

            (least, best) = (error, refit);
        }

        return best;
    }

    public static byte Encode(UniformCode code, float value, int bits) => (byte)Code(code, value, bits);

    private static float Code(UniformCode code, float value, int bits)
    {
        float inverse = code.Scale == 0 ? 0f : 1f / Bfloat16.Widen(code.Scale);
        return Math.Clamp(MathF.Round((value - Bfloat16.Widen(code.Minimum)) * inverse), 0f, (1 << bits) - 1);
    }

    private static UniformCode FromRange(float low, float high, int bits) => new(Bfloat16.Round((high - low) / ((1 << bits) - 1)), Bfloat16.Round(low));

    private static UniformCode Refit(UniformCode code, float[] group, int bits)
    {
        float sumX = 0f, sumC = 0f, sumXC = 0f, sumCC = 0f;
        foreach (float value in group)
        {
            float c = Code(code, value, bits);
            (sumX, sumC, sumXC, sumCC) = (sumX + value, sumC + c, sumXC + (value * c), sumCC + (c * c));
        }

        float n = group.Length, spread = (n * sumCC) - (sumC * sumC);
        if (spread <= 0f)
        {
            return code;
        }

        ushort rounded = Bfloat16.Round(Math.Max(((n * sumXC) - (sumX * sumC)) / spread, 0f));
        return new UniformCode(rounded, Bfloat16.Round((sumX - (Bfloat16.Widen(rounded) * sumC)) / n));
    }

    // Eight sums, then their sum by halves: as a vector adds up, or four where there are no wider ones.
    private static float SquaredError(UniformCode code, float[] group, int bits)
    {
        int lanes = Vector256.IsHardwareAccelerated ? 8 : 4;
        float[] sums = new float[lanes];
        for (int i = 0; i < group.Length; i++)
        {
            float error = group[i] - Bfloat16.Widen(code.Minimum) - (Bfloat16.Widen(code.Scale) * Code(code, group[i], bits));
            sums[i % lanes] += error * error;
        }

        return lanes == 8
            ? Vector256.Sum(Vector256.Create(sums))
            : Vector128.Sum(Vector128.Create(sums));
    }
}
