using System.Numerics.Tensors;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>
/// Levels that lose least of a normal distribution (Max 1960, "Quantizing for minimum distortion", table I) instead of equally spaced ones;
/// after a rotation elements are nearly normal. Scale and offset per row start from its moments and are refined by least squares.
/// </summary>
/// <param name="bits">2, 3 or 4.</param>
internal sealed class LloydMaxCode(int bits) : SimulatedCode
{
    private const int RefitRounds = 3;
    private const int ParameterBits = 32;

    private static readonly float[][] HalfLevels =
    [
        [0.4528f, 1.510f],
        [0.2451f, 0.7560f, 1.344f, 2.152f],
        [0.1284f, 0.3881f, 0.6568f, 0.9424f, 1.256f, 1.618f, 2.069f, 2.733f],
    ];

    private readonly float[] levels = LevelsOf(bits);

    public override int Tokens => 1;

    public override double BitsPerElement(int headDim) => bits + ((double)ParameterBits / headDim);

    public override void Reconstruct(Span<float> keys, Span<float> values, int headDim)
    {
        Reconstruct(keys);
        Reconstruct(values);
    }

    /// <summary>All levels, ascending.</summary>
    internal static float[] LevelsOf(int bits)
    {
        float[] half = HalfLevels[bits - 2];
        return [.. half.Reverse().Select(level => -level), .. half];
    }

    private void Reconstruct(Span<float> row)
    {
        float offset = TensorPrimitives.Sum<float>(row) / row.Length;
        float scale = MathF.Sqrt(Math.Max((TensorPrimitives.SumOfSquares<float>(row) / row.Length) - (offset * offset), 0f));
        Span<float> coded = stackalloc float[row.Length];
        Span<float> best = stackalloc float[row.Length];
        float least = float.PositiveInfinity;
        for (int round = 0; round <= RefitRounds; round++)
        {
            scale = Rounded(scale);
            offset = Rounded(offset);
            float error = 0f;
            float sumX = 0f, sumC = 0f, sumXC = 0f, sumCC = 0f;
            for (int i = 0; i < row.Length; i++)
            {
                float level = Nearest(scale > 0f ? (row[i] - offset) / scale : 0f);
                coded[i] = offset + (scale * level);
                error += (row[i] - coded[i]) * (row[i] - coded[i]);
                (sumX, sumC, sumXC, sumCC) = (sumX + row[i], sumC + level, sumXC + (row[i] * level), sumCC + (level * level));
            }

            if (error >= least)
            {
                break;
            }

            least = error;
            coded.CopyTo(best);
            float spread = (row.Length * sumCC) - (sumC * sumC);
            if (spread <= 0f)
            {
                break;
            }

            scale = Math.Max(((row.Length * sumXC) - (sumX * sumC)) / spread, 0f);
            offset = (sumX - (scale * sumC)) / row.Length;
        }

        best.CopyTo(row);
    }

    private float Nearest(float x)
    {
        float nearest = levels[0];
        foreach (float level in levels)
        {
            nearest = Math.Abs(x - level) < Math.Abs(x - nearest) ? level : nearest;
        }

        return nearest;
    }
}
