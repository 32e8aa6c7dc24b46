using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.Training.Fitting;

/// <summary>
/// Products over a batch whose rows lie in the lanes of vectors: matrices are [unit][row], and the rows are padded to a multiple of
/// <see cref="RowsPerBlock"/>. All sums run in a fixed order, in sixteen or eight lanes where they run over rows, so that every machine gets the
/// same bits, whatever the width of its vectors.
/// </summary>
internal static class LaneKernels
{
    /// <summary>Rows of one block: eight vectors, whose sums stay in registers.</summary>
    public static readonly int RowsPerBlock = 8 * Vector<float>.Count;

    private static readonly nuint Lanes = (nuint)Vector<float>.Count;

    /// <summary>y = W x + b.</summary>
    /// <param name="weights">W, [outputs][inputs].</param>
    /// <param name="bias">b, [outputs]; empty for none.</param>
    /// <param name="x">[inputs][rows].</param>
    /// <param name="rows">A multiple of <see cref="RowsPerBlock"/>.</param>
    /// <param name="y">[outputs][rows].</param>
    public static void Multiply(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<float> x, int rows, Span<float> y)
    {
        int inputs = x.Length / rows;
        int outputs = y.Length / rows;
        for (int block = 0; block < rows; block += RowsPerBlock)
        {
            for (int output = 0; output < outputs; output++)
            {
                float start = bias.IsEmpty ? 0f : bias[output];
                MultiplyOne(weights.Slice(output * inputs, inputs), start, x[block..], rows, y[((output * rows) + block)..]);
            }
        }
    }

    /// <summary>Gradients of W and b from those of y = W x + b.</summary>
    /// <param name="dy">[outputs][rows]; 0 in padding rows.</param>
    /// <param name="x">[inputs][rows].</param>
    /// <param name="rows">As above.</param>
    /// <param name="weights">Receives dW, [outputs][inputs].</param>
    /// <param name="bias">Receives db, [outputs].</param>
    public static void Gradients(ReadOnlySpan<float> dy, ReadOnlySpan<float> x, int rows, Span<float> weights, Span<float> bias)
    {
        int inputs = x.Length / rows;
        for (int output = 0; output < bias.Length; output++)
        {
            ReadOnlySpan<float> delta = dy.Slice(output * rows, rows);
            for (int input = 0; input < inputs; input++)
            {
                weights[(output * inputs) + input] = Dot(delta, x.Slice(input * rows, rows));
            }

            bias[output] = Sum(delta);
        }
    }

    /// <summary>W transposed: [inputs][outputs].</summary>
    public static void Transpose(ReadOnlySpan<float> weights, int inputs, Span<float> transposed)
    {
        int outputs = weights.Length / inputs;
        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++)
            {
                transposed[(input * outputs) + output] = weights[(output * inputs) + input];
            }
        }
    }

    private static void MultiplyOne(ReadOnlySpan<float> weights, float start, ReadOnlySpan<float> x, int rows, Span<float> y)
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        Vector<float> s0 = Vector.Create(start), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (int input = 0; input < weights.Length; input++)
        {
            Vector<float> weight = Vector.Create(weights[input]);
            nuint at = (nuint)input * (nuint)rows;
            s0 += weight * Vector.LoadUnsafe(ref source, at);
            s1 += weight * Vector.LoadUnsafe(ref source, at + Lanes);
            s2 += weight * Vector.LoadUnsafe(ref source, at + (2 * Lanes));
            s3 += weight * Vector.LoadUnsafe(ref source, at + (3 * Lanes));
            s4 += weight * Vector.LoadUnsafe(ref source, at + (4 * Lanes));
            s5 += weight * Vector.LoadUnsafe(ref source, at + (5 * Lanes));
            s6 += weight * Vector.LoadUnsafe(ref source, at + (6 * Lanes));
            s7 += weight * Vector.LoadUnsafe(ref source, at + (7 * Lanes));
        }

        ref float target = ref MemoryMarshal.GetReference(y[..RowsPerBlock]);
        s0.StoreUnsafe(ref target);
        s1.StoreUnsafe(ref target, Lanes);
        s2.StoreUnsafe(ref target, 2 * Lanes);
        s3.StoreUnsafe(ref target, 3 * Lanes);
        s4.StoreUnsafe(ref target, 4 * Lanes);
        s5.StoreUnsafe(ref target, 5 * Lanes);
        s6.StoreUnsafe(ref target, 6 * Lanes);
        s7.StoreUnsafe(ref target, 7 * Lanes);
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Vector256.IsHardwareAccelerated ? DotBy256(a, b) : DotBy128(a, b);

    private static float DotBy256(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector256<float>> left = MemoryMarshal.Cast<float, Vector256<float>>(a);
        ReadOnlySpan<Vector256<float>> right = MemoryMarshal.Cast<float, Vector256<float>>(b)[..left.Length];
        Vector256<float> even = Vector256<float>.Zero;
        Vector256<float> odd = Vector256<float>.Zero;
        for (int i = 0; i + 1 < left.Length; i += 2)
        {
            even += left[i] * right[i];
            odd += left[i + 1] * right[i + 1];
        }

        Vector256<float> sum = even + odd;
        return Across(sum.GetLower(), sum.GetUpper());
    }

    // The same sums: without 256-bit registers every operation on a Vector256 is a call, which makes training hundreds of times slower.
    private static float DotBy128(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector128<float>> left = MemoryMarshal.Cast<float, Vector128<float>>(a);
        ReadOnlySpan<Vector128<float>> right = MemoryMarshal.Cast<float, Vector128<float>>(b)[..left.Length];
        Vector128<float> evenLower = Vector128<float>.Zero, evenUpper = evenLower, oddLower = evenLower, oddUpper = evenLower;
        for (int i = 0; i + 3 < left.Length; i += 4)
        {
            evenLower += left[i] * right[i];
            evenUpper += left[i + 1] * right[i + 1];
            oddLower += left[i + 2] * right[i + 2];
            oddUpper += left[i + 3] * right[i + 3];
        }

        return Across(evenLower + oddLower, evenUpper + oddUpper);
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector128<float>> parts = MemoryMarshal.Cast<float, Vector128<float>>(values);
        Vector128<float> lower = Vector128<float>.Zero, upper = lower;
        for (int i = 0; i + 1 < parts.Length; i += 2)
        {
            lower += parts[i];
            upper += parts[i + 1];
        }

        return Across(lower, upper);
    }

    // The library's own Sum does not promise an order.
    private static float Across(Vector128<float> lower, Vector128<float> upper)
    {
        Vector128<float> four = lower + upper;
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two[0] + two[1];
    }
}
