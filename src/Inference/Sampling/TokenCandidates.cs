using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Sampling;

/// <summary>
/// The likeliest tokens in order, lowest id first among equals. A candidate is one integer that sorts that way: the inverted bits of its
/// weight (a float at least 0 orders like its bits) above its id.
/// </summary>
internal sealed class TokenCandidates(int vocabulary, int topK, double topP, double minP = 0)
{
    // Room to gather in before the gathered are cut back to the k best.
    private const int Spare = 1024;

    private readonly int keep = topK == 0 ? vocabulary : Math.Min(topK, vocabulary);
    private readonly ulong[] candidates = new ulong[Math.Min(vocabulary, topK == 0 ? vocabulary : (long)topK + Math.Max(topK, Spare))];
    private int count;

    /// <summary>How many tokens the cuts leave.</summary>
    public int Count => count;

    /// <summary>Id of the candidate at a rank, 0 the likeliest.</summary>
    public int Token(int rank) => (int)(uint)candidates[rank];

    /// <summary>Gathers the candidates.</summary>
    /// <param name="weights">One per token id, at least 0: proportional to the probabilities; the largest is 1 where there is a min-p.</param>
    /// <param name="total">Their sum.</param>
    public void Gather(ReadOnlySpan<float> weights, double total)
    {
        count = 0;

        // n tokens of at most (1-p)/n each can't hold what top-p leaves out, so none of them is in. With top-k the cut follows later.
        float threshold = topK == 0 ? (float)(total * (1 - topP) / weights.Length * 0.999) : 0;
        if (minP > 0 && (topK == 0 || topP == 1))
        {
            threshold = Math.Max(threshold, MathF.BitDecrement((float)minP));
        }

        ref float first = ref MemoryMarshal.GetReference(weights);
        int i = 0;
        for (; Vector256.IsHardwareAccelerated && i <= weights.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            if (Vector256.GreaterThanAny(Vector256.LoadUnsafe(ref first, (nuint)i), Vector256.Create(threshold)))
            {
                threshold = Add(weights.Slice(i, Vector256<float>.Count), i, threshold);
            }
        }

        Add(weights[i..], i, threshold);
        CutBack();
        if (topP < 1)
        {
            CutToMass(topK == 0 ? total : Mass());
        }

        while (count > 1 && Weight(candidates[count - 1]) < (float)minP)
        {
            count--;
        }
    }

    /// <summary>Adds what is over the threshold, and returns the threshold: it rises when the gathered are cut back.</summary>
    private float Add(ReadOnlySpan<float> weights, int firstId, float threshold)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            if (count == candidates.Length)
            {
                CutBack();
                threshold = Weight(candidates[count - 1]);
            }

            // An equal of the last one kept has a higher id, so it ranks behind.
            if (weights[i] > threshold)
            {
                candidates[count++] = ((ulong)~BitConverter.SingleToUInt32Bits(weights[i]) << 32) | (uint)(firstId + i);
            }
        }

        return threshold;
    }

    private void CutBack()
    {
        candidates.AsSpan(0, count).Sort();
        count = Math.Min(count, keep);
    }

    private double Mass()
    {
        double mass = 0;
        for (int rank = 0; rank < count; rank++)
        {
            mass += Weight(candidates[rank]);
        }

        return mass;
    }

    private void CutToMass(double total)
    {
        double mass = 0;
        for (int rank = 0; rank < count; rank++)
        {
            mass += Weight(candidates[rank]);
            if (mass >= topP * total)
            {
                count = rank + 1;
            }
        }
    }

    private static float Weight(ulong candidate) => BitConverter.UInt32BitsToSingle(~(uint)(candidate >> 32));
}
