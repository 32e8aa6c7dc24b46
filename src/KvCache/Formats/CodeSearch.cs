using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// The code of a group with the least squared error among those that are tried. Clipping the few largest elements makes every other step finer, and where the grid lies between its ends is
/// left to chance by them: so first all scales that can be stored are tried down to half of the range, then zero points around the range's, within half a step.
/// </summary>
internal static unsafe class CodeSearch
{
    private const int Candidates = 8; // Of either: as many as a vector holds.

    // In steps; the range's own zero point was tried with the scales.
    private static readonly float[] ZeroOffsets = [-4 / 8f, -3 / 8f, -2 / 8f, -1 / 8f, 1 / 8f, 2 / 8f, 3 / 8f, 4 / 8f];

    /// <summary>The best code; of equals the first: the widest, then the range's own zero point.</summary>
    /// <param name="group">The elements.</param>
    /// <param name="whole">The code of the whole range.</param>
    /// <param name="top">The largest code.</param>
    /// <param name="least">Receives the squared error.</param>
    public static UniformCode Best(ReadOnlySpan<float> group, UniformCode whole, float top, out float least)
    {
        Span<float> errors = stackalloc float[Candidates];
        Vector256<float> zeros = Vector256.Create((float)whole.Zero), scales = Float8.Widen(Vector256.Max(Vector256.Create((int)whole.Scale) - Vector256<int>.Indices, Vector256<int>.Zero));
        Errors(group, scales, zeros, top, errors);
        int best = First(errors);
        least = errors[best];
        UniformCode code = whole with { Scale = (byte)Math.Max(whole.Scale - best, 0) };

        // A zero point is kept in 255ths of the range: at 8 bits these are steps.
        float step = UniformCode.ZeroSteps / top;
        if (step < 2f)
        {
            return code;
        }

        zeros = Vector256.MinNative(Vector256.MaxNative(Vector256.Round(zeros + (step * Vector256.Create(ZeroOffsets.AsSpan()))), Vector256<float>.Zero), Vector256.Create(UniformCode.ZeroSteps));
        Errors(group, Vector256.Create(Float8.Widen(code.Scale)), zeros, top, errors);
        best = First(errors);
        if (errors[best] < least)
        {
            least = errors[best];
            code = code with { Zero = (byte)zeros[best] };
        }

        return code;
    }

    private static int First(ReadOnlySpan<float> errors)
    {
        int best = 0;
        for (int i = 1; i < errors.Length; i++)
        {
            best = errors[i] < errors[best] ? i : best;
        }

        return best;
    }

    private static void Errors(ReadOnlySpan<float> group, Vector256<float> scales, Vector256<float> zeros, float top, Span<float> errors)
    {
        Vector256<float> minima = scales * (zeros * UniformCode.ZeroStep(top)), inverses = Vector256<float>.One / scales;
        if (Avx512DQ.IsSupported)
        {
            InPairs(group, scales, minima, inverses, top, errors);
            return;
        }

        for (int i = 0; i < Candidates; i++)
        {
            errors[i] = UniformError.Sum(group, scales[i], minima[i], inverses[i], top);
        }
    }

    // Two codes at a time, in the halves of 512-bit vectors; each error is that of UniformError.Sum, to the bit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InPairs(ReadOnlySpan<float> group, Vector256<float> scales, Vector256<float> minima, Vector256<float> inverses, float top, Span<float> errors)
    {
        Vector512<float> scale0 = Halves(scales, 0), scale1 = Halves(scales, 2), scale2 = Halves(scales, 4), scale3 = Halves(scales, 6);
        Vector512<float> minimum0 = Halves(minima, 0), minimum1 = Halves(minima, 2), minimum2 = Halves(minima, 4), minimum3 = Halves(minima, 6);
        Vector512<float> inverse0 = Halves(inverses, 0), inverse1 = Halves(inverses, 2), inverse2 = Halves(inverses, 4), inverse3 = Halves(inverses, 6);
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, ceiling = Vector512.Create(top);
        fixed (float* start = group)
        {
            for (int i = 0; i < group.Length; i += Vector256<float>.Count)
            {
                Vector512<float> both = Avx512DQ.BroadcastVector256ToVector512(start + i);
                sum0 = Add(sum0, both - minimum0, scale0, inverse0, ceiling);
                sum1 = Add(sum1, both - minimum1, scale1, inverse1, ceiling);
                sum2 = Add(sum2, both - minimum2, scale2, inverse2, ceiling);
                sum3 = Add(sum3, both - minimum3, scale3, inverse3, ceiling);
            }
        }

        (errors[0], errors[1], errors[2], errors[3]) = (Vector256.Sum(sum0.GetLower()), Vector256.Sum(sum0.GetUpper()), Vector256.Sum(sum1.GetLower()), Vector256.Sum(sum1.GetUpper()));
        (errors[4], errors[5], errors[6], errors[7]) = (Vector256.Sum(sum2.GetLower()), Vector256.Sum(sum2.GetUpper()), Vector256.Sum(sum3.GetLower()), Vector256.Sum(sum3.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, Vector512<float> shifted, Vector512<float> scale, Vector512<float> inverse, Vector512<float> ceiling)
    {
        Vector512<float> code = Vector512.MinNative(Vector512.MaxNative(Vector512.Round(shifted * inverse), Vector512<float>.Zero), ceiling);
        Vector512<float> error = shifted - (scale * code);
        return sum + (error * error);
    }

    private static Vector512<float> Halves(Vector256<float> values, int first) => Vector512.Create(values[first]).WithUpper(Vector256.Create(values[first + 1]));
}
