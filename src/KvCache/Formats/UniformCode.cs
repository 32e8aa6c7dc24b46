using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Affine uniform code of one group: x is about scale * (code - zero point), code in 0 .. 2^bits - 1. The scale is a <see cref="Float8"/>; the zero point lies in the range of the
/// codes, in 255ths of it, so that a range always holds 0. Groups are multiples of 32 elements.
/// </summary>
/// <param name="Scale">The step, as a <see cref="Float8"/>.</param>
/// <param name="Zero">The zero point: 0 at code 0, 255 at the largest code.</param>
internal readonly record struct UniformCode(byte Scale, byte Zero)
{
    /// <summary>Largest <see cref="Zero"/>.</summary>
    public const float ZeroSteps = 255f;

    /// <summary>The code for a group.</summary>
    public static UniformCode Fit(ReadOnlySpan<float> group, int bits, RangeSearch search)
    {
        float low = Math.Min(TensorPrimitives.Min(group), 0f), range = Math.Max(TensorPrimitives.Max(group), 0f) - low, top = (1 << bits) - 1;
        UniformCode whole = new(Float8.Ceiling(range / top), (byte)MathF.Round(range > 0f ? -low / range * ZeroSteps : 0f));
        if (search == RangeSearch.MinMax)
        {
            // The next smaller scale leaves out the ends by half of what lies between the two.
            UniformCode nearly = whole with { Scale = (byte)Math.Max(whole.Scale - 1, 0) };
            return whole.Scale < Float8.NaN && nearly.SquaredError(group, top) < whole.SquaredError(group, top) ? nearly : whole;
        }

        UniformCode best = CodeSearch.Best(group, whole, top, out float least), refit = best.Refit(group, top);
        return refit != best && refit.SquaredError(group, top) < least ? refit : best;
    }

    /// <summary>Codes of a group under this code; scale and zero point were rounded first, so the codes fit the numbers that are stored.</summary>
    public void Encode(ReadOnlySpan<float> group, int bits, Span<byte> codes)
    {
        float largest = (1 << bits) - 1, step = Float8.Widen(Scale);
        Vector256<float> minimum = Vector256.Create(Minimum(step, Zero, largest)), inverse = Vector256.Create(1f / step), top = Vector256.Create(largest);
        ReadOnlySpan<Vector256<float>> values = MemoryMarshal.Cast<float, Vector256<float>>(group);
        Span<Vector256<byte>> bytes = MemoryMarshal.Cast<byte, Vector256<byte>>(codes);
        for (int i = 0; i < values.Length; i += 4)
        {
            Vector256<int> a = Vector256.ConvertToInt32(UniformError.Code(values[i] - minimum, inverse, top)), b = Vector256.ConvertToInt32(UniformError.Code(values[i + 1] - minimum, inverse, top));
            Vector256<int> c = Vector256.ConvertToInt32(UniformError.Code(values[i + 2] - minimum, inverse, top)), d = Vector256.ConvertToInt32(UniformError.Code(values[i + 3] - minimum, inverse, top));
            bytes[i / 4] = Vector256.Narrow(Vector256.Narrow(a, b).AsUInt16(), Vector256.Narrow(c, d).AsUInt16());
        }
    }

    /// <summary>|x - code(x)|^2 / |x|^2 of a row; 1 of what is dropped; 0 at 16 bits and more, whose rounding is not a matter of codes.</summary>
    public static float RelativeError(ReadOnlySpan<float> row, BitWidth width, in CodeLayout layout)
    {
        float squares = TensorPrimitives.SumOfSquares(row);
        if (width >= BitWidth.Sixteen || squares == 0f)
        {
            return 0f;
        }

        if (width == BitWidth.Zero)
        {
            return 1f;
        }

        float errors = 0f;
        for (int start = 0; start < row.Length; start += layout.GroupSize)
        {
            ReadOnlySpan<float> group = row.Slice(start, layout.GroupSize);
            errors += Fit(group, (int)width, layout.Rounding).SquaredError(group, (1 << (int)width) - 1);
        }

        return errors / squares;
    }

    /// <summary>The value a code of a width stands for.</summary>
    public float Decode(int code, int bits)
    {
        float step = Float8.Widen(Scale);
        return Minimum(step, Zero, (1 << bits) - 1) + (step * code);
    }

    /// <summary>The value of code 0.</summary>
    /// <param name="step">The scale.</param>
    /// <param name="zero">The zero point in its 255ths.</param>
    /// <param name="top">The largest code.</param>
    public static float Minimum(float step, float zero, float top) => step * (zero * ZeroStep(top));

    /// <summary>What one 255th of the zero point adds to the value of code 0, in steps: the factor by which kernels multiply.</summary>
    /// <param name="top">The largest code.</param>
    public static float ZeroStep(float top) => -top / ZeroSteps;

    private float SquaredError(ReadOnlySpan<float> group, float top)
    {
        float step = Float8.Widen(Scale);
        return UniformError.Sum(group, step, Minimum(step, Zero, top), 1f / step, top);
    }

    // Least squares of the group on its own codes: the best scale and minimum for this assignment. Sums of codes are exact; the products are added in one order
    // everywhere, so that all processors store the same numbers.
    private UniformCode Refit(ReadOnlySpan<float> group, float top)
    {
        Span<float> products = stackalloc float[group.Length];
        float step = Float8.Widen(Scale);
        (float sumC, float sumCC) = UniformError.Moments(group, Minimum(step, Zero, top), 1f / step, top, products);
        (float sumX, float sumXC) = InOrder(group, products);
        float n = group.Length;
        float spread = (n * sumCC) - (sumC * sumC);
        if (!(spread > 0f))
        {
            return this;
        }

        byte scale = Float8.Round(Math.Max(((n * sumXC) - (sumX * sumC)) / spread, 0f));
        step = Float8.Widen(scale);
        float minimum = (sumX - (step * sumC)) / n;
        return new UniformCode(scale, (byte)Math.Clamp(MathF.Round(minimum / (step * ZeroStep(top))), 0f, ZeroSteps));
    }

    // On its own: beside other calls the sums would wait for memory at every element.
    private static (float First, float Second) InOrder(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        float sum = 0f, other = 0f;
        for (int i = 0; i < first.Length; i++)
        {
            sum += first[i];
            other += second[i];
        }

        return (sum, other);
    }
}
