using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Affine uniform code of one group: x is about minimum + scale * code, code in 0 .. 2^bits - 1, scale and minimum in bf16. Groups are multiples of 32 elements.</summary>
/// <param name="Scale">bf16 step.</param>
/// <param name="Minimum">bf16 value of code 0.</param>
internal readonly record struct UniformCode(ushort Scale, ushort Minimum)
{
    private const int RefitRounds = 3;

    private float Inverse => Scale == 0 ? 0f : 1f / Bfloat16.Widen(Scale);

    /// <summary>The code for a group.</summary>
    public static UniformCode Fit(ReadOnlySpan<float> group, int bits, RangeSearch search)
    {
        float low = TensorPrimitives.Min(group);
        float high = TensorPrimitives.Max(group);
        int top = (1 << bits) - 1;
        if (search == RangeSearch.MinMax)
        {
            return new UniformCode(Bfloat16.Round((high - low) / top), Bfloat16.Round(low));
        }

        UniformCode best = ShrunkRanges.Best(group, low, high, top, out float least);
        Span<float> products = stackalloc float[group.Length];
        float sum = 0f;
        foreach (float value in group)
        {
            sum += value;
        }

        for (int round = 0; round < RefitRounds; round++)
        {
            UniformCode refit = best.Refit(group, sum, top, products);
            float error = refit.SquaredError(group, top);
            if (error >= least)
            {
                break;
            }

            (least, best) = (error, refit);
        }

        return best;
    }

    /// <summary>Codes of a group under this code; the scale was rounded first, so the codes fit the numbers that are stored.</summary>
    public void Encode(ReadOnlySpan<float> group, int bits, Span<byte> codes)
    {
        Vector256<float> minimum = Vector256.Create(Bfloat16.Widen(Minimum)), inverse = Vector256.Create(Inverse), top = Vector256.Create((1 << bits) - 1f);
        ReadOnlySpan<Vector256<float>> values = MemoryMarshal.Cast<float, Vector256<float>>(group);
        Span<Vector256<byte>> bytes = MemoryMarshal.Cast<byte, Vector256<byte>>(codes);
        for (int i = 0; i < values.Length; i += 4)
        {
            Vector256<int> a = Vector256.ConvertToInt32(UniformError.Code(values[i] - minimum, inverse, top)), b = Vector256.ConvertToInt32(UniformError.Code(values[i + 1] - minimum, inverse, top));
            Vector256<int> c = Vector256.ConvertToInt32(UniformError.Code(values[i + 2] - minimum, inverse, top)), d = Vector256.ConvertToInt32(UniformError.Code(values[i + 3] - minimum, inverse, top));
            bytes[i / 4] = Vector256.Narrow(Vector256.Narrow(a, b).AsUInt16(), Vector256.Narrow(c, d).AsUInt16());
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
            errors += Fit(group, (int)width, layout.Rounding).SquaredError(group, (1 << (int)width) - 1);
        }

        return errors / squares;
    }

    /// <summary>The value a code stands for.</summary>
    public float Decode(int code) => Bfloat16.Widen(Minimum) + (Bfloat16.Widen(Scale) * code);

    private float SquaredError(ReadOnlySpan<float> group, int top) => UniformError.Sum(group, Bfloat16.Widen(Scale), Bfloat16.Widen(Minimum), Inverse, top);

    // Least squares of the group on its own codes: the best scale and minimum for this assignment. Sums of codes are exact; the products are added in one order
    // everywhere, so that all processors store the same numbers.
    private UniformCode Refit(ReadOnlySpan<float> group, float sumX, int top, Span<float> products)
    {
        (float sumC, float sumCC) = UniformError.Moments(group, Bfloat16.Widen(Minimum), Inverse, top, products);
        float sumXC = 0f;
        foreach (float product in products)
        {
            sumXC += product;
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
}
