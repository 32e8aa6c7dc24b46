using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

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
            (double blockSum, double blockWeighted) = Vector512.IsHardwareAccelerated
                ? BlockWide(logits.Slice(start, length), maximum, scale, kept)
                : Vector256.IsHardwareAccelerated
                    ? BlockVector(logits.Slice(start, length), maximum, scale, kept)
                    : BlockNarrow(logits.Slice(start, length), maximum, scale, kept);
            sum += blockSum;
            weighted += blockWeighted;
        }

        return (sum, weighted);
    }

    /// <summary>Sixteen lanes at a time; what is left over goes through <see cref="BlockScalar"/>.</summary>
    internal static (double Sum, double Weighted) BlockWide(
        ReadOnlySpan<float> logits, float maximum, float scale, Span<float> exponentials)
    {
        int width = Vector512<float>.Count;
        bool keeps = !exponentials.IsEmpty;
        ref float first = ref MemoryMarshal.GetReference(logits);
        ref float kept = ref MemoryMarshal.GetReference(exponentials);
        Vector512<float> offset = Vector512.Create(maximum), least = Vector512.Create(Least), factor = Vector512.Create(scale);
        Vector512<float> sum = Vector512<float>.Zero, weighted = Vector512<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - width; i += width)
        {
            Vector512<float> d = (Vector512.LoadUnsafe(ref first, (nuint)i) - offset) * factor;
            Vector512<float> clamped = Vector512.MaxNative(d, least);
            Vector512<float> e = VectorExp.Exp(clamped) & Vector512.GreaterThanOrEqual(d, least);
            if (keeps)
            {
                e.StoreUnsafe(ref kept, (nuint)i);
            }

            sum += e;
            weighted = Vector512.FusedMultiplyAdd(e, clamped, weighted);
        }

        (double tailSum, double tailWeighted) = BlockScalar(logits[i..], maximum, scale, keeps ? exponentials[i..] : []);
        return (Vector512.Sum(sum) + tailSum, Vector512.Sum(weighted) + tailWeighted);
    }

    /// <summary>Four lanes at a time, for processors without 256-bit vectors.</summary>
    internal static (double Sum, double Weighted) BlockNarrow(
        ReadOnlySpan<float> logits, float maximum, float scale, Span<float> exponentials)
    {
        int width = Vector128<float>.Count;
        Vector128<float> offset = Vector128.Create(maximum), least = Vector128.Create(Least);
        Vector128<float> sum = Vector128<float>.Zero, weighted = Vector128<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - width; i += width)
        {
            Vector128<float> d = (Vector128.Create(logits[i..]) - offset) * scale;
            Vector128<float> clamped = Vector128.Max(d, least);
            Vector128<float> e = VectorExp.Exp(clamped) & Vector128.GreaterThanOrEqual(d, least);
            if (!exponentials.IsEmpty)
            {
                e.CopyTo(exponentials[i..]);
            }

            sum += e;
            weighted += e * clamped;
        }

        (double tailSum, double tailWeighted) = BlockScalar(logits[i..], maximum, scale, exponentials.IsEmpty ? [] : exponentials[i..]);
        return (Vector128.Sum(sum) + tailSum, Vector128.Sum(weighted) + tailWeighted);
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

    /// <summary>Why there is no distribution over these logits.</summary>
    public static ArithmeticException NoDistribution(ReadOnlySpan<float> logits)
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
