using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>The fit of a group's code, one element and one candidate at a time: the reference for the vectors.</summary>
internal static class ScalarUniformCode
{
    public static UniformCode Fit(float[] group, int bits)
    {
        float low = Math.Min(group.Min(), 0f), range = Math.Max(group.Max(), 0f) - low;
        UniformCode whole = new(Float8.Ceiling(range / Top(bits)), (byte)MathF.Round(range > 0f ? -low / range * 255f : 0f));
        UniformCode best = Least(group, bits, whole, Enumerable.Range(1, 7).Select(smaller => whole with { Scale = (byte)Math.Max(whole.Scale - smaller, 0) }));
        if (bits < 8)
        {
            int[] eighths = [-4, -3, -2, -1, 1, 2, 3, 4];
            best = Least(group, bits, best, eighths.Select(eighth => best with { Zero = (byte)Math.Clamp(MathF.Round(whole.Zero + (255f / Top(bits) * (eighth / 8f))), 0f, 255f) }).ToArray());
        }

        return Least(group, bits, best, [Refit(best, group, bits)]);
    }

    private static UniformCode Least(float[] group, int bits, UniformCode first, IEnumerable<UniformCode> others)
    {
        UniformCode best = first;
        float least = SquaredError(best, group, bits);
        foreach (UniformCode other in others)
        {
            float error = SquaredError(other, group, bits);
            (least, best) = error < least ? (error, other) : (least, best);
        }

        return best;
    }

    public static byte Encode(UniformCode code, float value, int bits) => (byte)Code(code, value, bits);

    private static float Top(int bits) => (1 << bits) - 1;

    private static float Minimum(UniformCode code, int bits) => Float8.Widen(code.Scale) * (code.Zero * (-Top(bits) / 255f));

    private static float Code(UniformCode code, float value, int bits) =>
        Math.Clamp(MathF.Round((value - Minimum(code, bits)) * (1f / Float8.Widen(code.Scale))), 0f, Top(bits));

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

        byte scale = Float8.Round(Math.Max(((n * sumXC) - (sumX * sumC)) / spread, 0f));
        float step = Float8.Widen(scale), minimum = (sumX - (step * sumC)) / n;
        return new UniformCode(scale, (byte)Math.Clamp(MathF.Round(minimum / (step * (-Top(bits) / 255f))), 0f, 255f));
    }

    // Eight sums, then their sum by halves: as a vector adds up, or four where there are no wider ones.
    private static float SquaredError(UniformCode code, float[] group, int bits)
    {
        int lanes = Vector256.IsHardwareAccelerated ? 8 : 4;
        float[] sums = new float[lanes];
        for (int i = 0; i < group.Length; i++)
        {
            float error = group[i] - Minimum(code, bits) - (Float8.Widen(code.Scale) * Code(code, group[i], bits));
            sums[i % lanes] += error * error;
        }

        return lanes == 8
            ? Vector256.Sum(Vector256.Create(sums))
            : Vector128.Sum(Vector128.Create(sums));
    }
}
