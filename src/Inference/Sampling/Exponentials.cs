using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Attention;

namespace AdaptiveKv.Inference.Sampling;

/// <summary>
/// Sums over e(d) = exp(d), d = (logit - maximum) * scale, of a whole vocabulary in one pass. Vector lanes are floats; every
/// <see cref="BlockLength"/> elements their sums move into doubles, so that the error does not grow with the vocabulary.
/// </summary>
internal static class Exponentials
{
    // The reach of the vector exponential: below it e(d) is 0, a probability under 1e-37.
    private const float Least = -87.3f;
    private const int BlockLength = 512;

    /// <summary>Index of the largest logit, the lowest of equals.</summary>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public static int Maximum(ReadOnlySpan<float> logits)
    {
        ref float first = ref MemoryMarshal.GetReference(logits);
        Vector256<float> largest = Vector256.Create(float.NegativeInfinity);
        Vector256<float> unordered = Vector256<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref first, (nuint)i);
            largest = Vector256.MaxNative(largest, x);
            unordered |= ~Vector256.Equals(x, x);
        }

        float maximum = float.NegativeInfinity;
        bool nan = unordered.AsInt32() != Vector256<int>.Zero;
        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            maximum = largest[lane] > maximum ? largest[lane] : maximum;
        }

        for (; i < logits.Length; i++)
        {
            nan |= float.IsNaN(logits[i]);
            maximum = logits[i] > maximum ? logits[i] : maximum;
        }

        return nan || !float.IsFinite(maximum) ? throw NoDistribution(logits) : FirstIndexOf(logits, maximum);
    }

    /// <summary>sum e(d) and sum e(d) d.</summary>
    /// <param name="logits">One per token id, none NaN.</param>
    /// <param name="maximum">The largest of them.</param>
    /// <param name="scale">Positive and finite; 1 for the model's own distribution.</param>
    /// <param name="exponentials">Receives e(d) per logit; empty where they are not wanted.</param>
    public static (double Sum, double Weighted) Sums(ReadOnlySpan<float> logits, float maximum, float scale, Span<float> exponentials)
    {
        double sum = 0, weighted = 0;
        for (int start = 0; start < logits.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, logits.Length - start);
            Span<float> kept = exponentials.IsEmpty ? [] : exponentials.Slice(start, length);
            (double blockSum, double blockWeighted) = Vector256.IsHardwareAccelerated
                ? BlockVector(logits.Slice(start, length), maximum, scale, kept)
                : BlockScalar(logits.Slice(start, length), maximum, scale, kept);
            sum += blockSum;
            weighted += blockWeighted;
        }

        return (sum, weighted);
    }

    /// <summary>The scalar reference of <see cref="BlockVector"/>.</summary>
    internal static (double Sum, double Weighted) BlockScalar(
        ReadOnlySpan<float> logits, float maximum, float scale, Span<float> exponentials)
    {
        double sum = 0, weighted = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            float d = (logits[i] - maximum) * scale;
            float e = d < Least ? 0 : MathF.Exp(d);
            if (!exponentials.IsEmpty)
            {
                exponentials[i] = e;
            }

            sum += e;
            weighted += e * MathF.Max(d, Least);
        }

        return (sum, weighted);
    }

    /// <summary>Eight lanes at a time; what is left over goes through <see cref="BlockScalar"/>.</summary>
    internal static (double Sum, double Weighted) BlockVector(
        ReadOnlySpan<float> logits, float maximum, float scale, Span<float> exponentials)
    {
        int width = Vector256<float>.Count;
        ref float first = ref MemoryMarshal.GetReference(logits);
        ref float kept = ref MemoryMarshal.GetReference(exponentials);
        Vector256<float> offset = Vector256.Create(maximum), least = Vector256.Create(Least);
        Vector256<float> sum = Vector256<float>.Zero, weighted = Vector256<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - width; i += width)
        {
            Vector256<float> d = (Vector256.LoadUnsafe(ref first, (nuint)i) - offset) * scale;
            Vector256<float> clamped = Vector256.MaxNative(d, least);
            Vector256<float> e = VectorExp.Exp(clamped) & Vector256.GreaterThanOrEqual(d, least);
            if (!exponentials.IsEmpty)
            {
                e.StoreUnsafe(ref kept, (nuint)i);
            }

            sum += e;
            weighted = Vector256.FusedMultiplyAdd(e, clamped, weighted);
        }

        double sumOfLanes = Vector256.Sum(sum), weightedOfLanes = Vector256.Sum(weighted);
        if (i < logits.Length)
        {
            Span<float> tail = exponentials.IsEmpty ? [] : exponentials[i..];
            (double tailSum, double tailWeighted) = BlockScalar(logits[i..], maximum, scale, tail);
            sumOfLanes += tailSum;
            weightedOfLanes += tailWeighted;
        }

        return (sumOfLanes, weightedOfLanes);
    }

    private static int FirstIndexOf(ReadOnlySpan<float> logits, float value)
    {
        ref float first = ref MemoryMarshal.GetReference(logits);
        Vector256<float> wanted = Vector256.Create(value);
        int i = 0;
        while (i <= logits.Length - Vector256<float>.Count && !Vector256.EqualsAny(Vector256.LoadUnsafe(ref first, (nuint)i), wanted))
        {
            i += Vector256<float>.Count;
        }

        while (logits[i] != value)
        {
            i++;
        }

        return i;
    }

    private static ArithmeticException NoDistribution(ReadOnlySpan<float> logits)
    {
        for (int token = 0; token < logits.Length; token++)
        {
            if (float.IsNaN(logits[token]) || float.IsPositiveInfinity(logits[token]))
            {
                return new ArithmeticException(
                    $"the logit of token {token} is {logits[token]}: weights or cache hold such values; verify the model file");
            }
        }

        return new ArithmeticException($"none of {logits.Length} logits is finite: there is no next token; verify the model file");
    }
}
