using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Clipping the few largest elements of a group makes every other step finer; the best shrink of its range depends on the group, so all are tried.</summary>
internal static unsafe class ShrunkRanges
{
    private const int Steps = 12;
    private const int Pairs = (Steps / 2) + 1;
    private const float Step = 0.04f;

    // Of the range: the whole first; as many as two vectors hold.
    private static readonly float[] Kept = [.. Enumerable.Range(0, 2 * Vector256<float>.Count).Select(step => step <= Steps ? 1f - (step * Step) : 1f)];

    /// <summary>The shrunk range with the least squared error, the widest of equals.</summary>
    /// <param name="group">The elements.</param>
    /// <param name="low">The smallest of them.</param>
    /// <param name="high">The largest.</param>
    /// <param name="top">The largest code.</param>
    /// <param name="least">Receives the error.</param>
    public static UniformCode Best(ReadOnlySpan<float> group, float low, float high, float top, out float least)
    {
        Span<float> scales = stackalloc float[Kept.Length], minima = stackalloc float[Kept.Length], inverses = stackalloc float[Kept.Length], errors = stackalloc float[Kept.Length];
        for (int i = 0; i < Kept.Length; i += Vector256<float>.Count)
        {
            Vector256<float> kept = Vector256.Create(Kept.AsSpan(i)), from = low * kept, scale = Bfloat16.Rounded(((high * kept) - from) / top);
            scale.CopyTo(scales[i..]);
            Bfloat16.Rounded(from).CopyTo(minima[i..]);
            Vector256.ConditionalSelect(Vector256.Equals(scale, default), default, Vector256<float>.One / scale).CopyTo(inverses[i..]);
        }

        if (Avx512DQ.IsSupported)
        {
            InPairs(group, scales, minima, inverses, top, errors);
        }
        else
        {
            for (int i = 0; i <= Steps; i++)
            {
                errors[i] = UniformError.Sum(group, scales[i], minima[i], inverses[i], top);
            }
        }

        int best = 0;
        for (int i = 1; i <= Steps; i++)
        {
            best = errors[i] < errors[best] ? i : best;
        }

        least = errors[best];
        return new UniformCode(Bfloat16.Upper(scales[best]), Bfloat16.Upper(minima[best]));
    }

    // Two ranges at a time, in the halves of 512-bit vectors; each error is that of UniformError.Sum, to the bit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InPairs(ReadOnlySpan<float> group, ReadOnlySpan<float> scales, ReadOnlySpan<float> minima, ReadOnlySpan<float> inverses, float top, Span<float> errors)
    {
        Vector512<float>* scale = stackalloc Vector512<float>[4 * Pairs], minimum = scale + Pairs, inverse = minimum + Pairs, sums = inverse + Pairs;
        for (int pair = 0; pair < Pairs; pair++)
        {
            (scale[pair], minimum[pair], inverse[pair], sums[pair]) = (Halves(scales, 2 * pair), Halves(minima, 2 * pair), Halves(inverses, 2 * pair), default);
        }

        Vector512<float> ceiling = Vector512.Create(top);
        fixed (float* start = group)
        {
            for (int i = 0; i < group.Length; i += Vector256<float>.Count)
            {
                Vector512<float> both = Avx512DQ.BroadcastVector256ToVector512(start + i);
                for (int pair = 0; pair < Pairs; pair++)
                {
                    Vector512<float> shifted = both - minimum[pair];
                    Vector512<float> code = Vector512.MinNative(Vector512.MaxNative(Vector512.Round(shifted * inverse[pair]), Vector512<float>.Zero), ceiling);
                    Vector512<float> error = shifted - (scale[pair] * code);
                    sums[pair] += error * error;
                }
            }
        }

        for (int pair = 0; pair < Pairs; pair++)
        {
            (errors[2 * pair], errors[(2 * pair) + 1]) = (Vector256.Sum(sums[pair].GetLower()), Vector256.Sum(sums[pair].GetUpper()));
        }
    }

    private static Vector512<float> Halves(ReadOnlySpan<float> values, int first) => Vector512.Create(values[first]).WithUpper(Vector256.Create(values[first + 1]));
}
