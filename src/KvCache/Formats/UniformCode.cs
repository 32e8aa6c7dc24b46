using System.Numerics.Tensors;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Affine uniform code of one group: x is about minimum + scale * code, code in 0 .. 2^bits - 1, scale and minimum in bf16.</summary>
/// <param name="Scale">bf16 step.</param>
/// <param name="Minimum">bf16 value of code 0.</param>
internal readonly record struct UniformCode(ushort Scale, ushort Minimum)
{
    private const int ShrinkSteps = 12;
    private const float ShrinkStep = 0.04f;
    private const int RefitRounds = 3;

    /// <summary>The code for a group.</summary>
    public static UniformCode Fit(ReadOnlySpan<float> group, int bits, RangeSearch search)
    {
        float low = TensorPrimitives.Min(group);
        float high = TensorPrimitives.Max(group);
        UniformCode best = FromRange(low, high, bits);
        if (search == RangeSearch.MinMax)
        {
            return best;
        }

        // Clipping the few largest elements makes every other step finer; the best shrink depends on the group, so search.
        float least = best.SquaredError(group, bits);
        for (int step = 1; step <= ShrinkSteps; step++)
        {
            float keep = 1f - (step * ShrinkStep);
            UniformCode candidate = FromRange(low * keep, high * keep, bits);
            float error = candidate.SquaredError(group, bits);
            if (error < least)
            {
                (least, best) = (error, candidate);
            }
        }

        for (int round = 0; round < RefitRounds; round++)
        {
            UniformCode refit = best.Refit(group, bits);
            float error = refit.SquaredError(group, bits);
            if (error >= least)
            {
                break;
            }

            (least, best) = (error, refit);
        }

        return best;
    }

    // Least squares of the group on its own codes: the best scale and minimum for this assignment.
    private UniformCode Refit(ReadOnlySpan<float> group, int bits)
    {
        float minimum = Bfloat16.Widen(Minimum);
        float inverse = Inverse;
        float top = (1 << bits) - 1;
        float sumX = 0f, sumC = 0f, sumXC = 0f, sumCC = 0f;
        foreach (float value in group)
        {
            float code = Math.Clamp(MathF.Round((value - minimum) * inverse), 0f, top);
            sumX += value;
            sumC += code;
            sumXC += value * code;
            sumCC += code * code;
        }

        float n = group.Length;
        float spread = (n * sumCC) - (sumC * sumC);
        if (spread <= 0f)
        {
            return this;
        }

        float scale = Math.Max(((n * sumXC) - (sumX * sumC)) / spread, 0f);
        ushort rounded = Bfloat16.Round(scale);
        return new UniformCode(rounded, Bfloat16.Round((sumX - (Bfloat16.Widen(rounded) * sumC)) / n));
    }

    /// <summary>Codes of a group under this code; the scale was rounded first, so the codes fit the numbers that are stored.</summary>
    public void Encode(ReadOnlySpan<float> group, int bits, Span<byte> codes)
    {
        float minimum = Bfloat16.Widen(Minimum);
        float inverse = Inverse;
        int top = (1 << bits) - 1;
        for (int i = 0; i < group.Length; i++)
        {
            codes[i] = (byte)Math.Clamp(MathF.Round((group[i] - minimum) * inverse), 0f, top);
        }
    }

    /// <summary>|x - code(x)|^2 / |x|^2 of a row; 0 at 16 bits and more, whose rounding is not a matter of codes.</summary>
    public static float RelativeError(ReadOnlySpan<float> row, BitWidth width, in CodeLayout layout)
    {
        float squares = TensorPrimitives.SumOfSquares(row);
        if (width >= BitWidth.Sixteen || squares == 0f)
        {
            return 0f;
        }

        float errors = 0f;
        for (int start = 0; start < row.Length; start += layout.GroupSize)
        {
            ReadOnlySpan<float> group = row.Slice(start, layout.GroupSize);
            errors += Fit(group, (int)width, layout.Rounding).SquaredError(group, (int)width);
        }

        return errors / squares;
    }

    /// <summary>The value a code stands for.</summary>
    public float Decode(int code) => Bfloat16.Widen(Minimum) + (Bfloat16.Widen(Scale) * code);

    private float Inverse => Scale == 0 ? 0f : 1f / Bfloat16.Widen(Scale);

    private static UniformCode FromRange(float low, float high, int bits) =>
        new(Bfloat16.Round((high - low) / ((1 << bits) - 1)), Bfloat16.Round(low));

    private float SquaredError(ReadOnlySpan<float> group, int bits)
    {
        float scale = Bfloat16.Widen(Scale);
        float minimum = Bfloat16.Widen(Minimum);
        float inverse = Inverse;
        float top = (1 << bits) - 1;
        float sum = UniformError.Sum(group, scale, minimum, inverse, top, out int i);
        for (; i < group.Length; i++)
        {
            float code = Math.Clamp(MathF.Round((group[i] - minimum) * inverse), 0f, top);
            float error = group[i] - minimum - (scale * code);
            sum += error * error;
        }

        return sum;
    }
}
