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

    private static void InPairs(ReadOnlySpan<float> group, ReadOnlySpan<float> scales, ReadOnlySpan<float> minima, ReadOnlySpan<float> inverses, float top, Span<float> errors)
    {
        Vector512<float>* vectors = stackalloc Vector512<float>[4 * Pairs];
        for (int pair = 0; pair < Pairs; pair++)
        {
            vectors[pair] = Halves(scales, 2 * pair);
            vectors[Pairs + pair] = Halves(minima, 2 * pair);
            vectors[(2 * Pairs) + pair] = Halves(inverses, 2 * pair);
            vectors[(3 * Pairs) + pair] = default;
        }

        Vector512<float>* sums = vectors + (3 * Pairs);
        UniformError.Pairs(group, Pairs, vectors, vectors + Pairs, vectors + (2 * Pairs), top, sums);
        for (int pair = 0; pair < Pairs; pair++)
        {
            (errors[2 * pair], errors[(2 * pair) + 1]) = (Vector256.Sum(sums[pair].GetLower()), Vector256.Sum(sums[pair].GetUpper()));
        }
    }

    private static Vector512<float> Halves(ReadOnlySpan<float> values, int first) => Vector512.Create(values[first]).WithUpper(Vector256.Create(values[first + 1]));
}
