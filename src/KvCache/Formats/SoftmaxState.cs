using System.Numerics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Running softmax-weighted sum of value rows (Milakov and Gimelshein 2018): per query head the largest score so far, the sum of
/// exp(score - largest), the weighted sum of codes, and the weighted sum of minima, which is the same for all elements of a group.
/// </summary>
/// <param name="Heads">Query heads.</param>
/// <param name="HeadDim">Elements per head.</param>
/// <param name="Groups">Scale groups per value row.</param>
/// <param name="Largest">[Heads].</param>
/// <param name="Total">[Heads].</param>
/// <param name="Weighted">[Heads][HeadDim].</param>
/// <param name="Minima">[Heads][Groups].</param>
internal readonly unsafe record struct SoftmaxState(
    int Heads, int HeadDim, int Groups, nint Largest, nint Total, nint Weighted, nint Minima)
{
    /// <summary>Floats of memory one state needs.</summary>
    public static int FloatsFor(int heads, int headDim, int groups) => heads * (2 + headDim + groups);

    /// <summary>The same in vectors of 64 bytes: states side by side share no cache line.</summary>
    public static int AlignedFloatsFor(int heads, int headDim, int groups) => (FloatsFor(heads, headDim, groups) + 15) & ~15;

    /// <summary>Lays a state out in <paramref name="memory"/>.</summary>
    public static SoftmaxState In(float* memory, int heads, int headDim, int groups)
    {
        // The weighted rows come first: they are read and written as aligned vectors.
        float* minima = memory + (heads * headDim);
        float* largest = minima + (heads * groups);
        return new SoftmaxState(heads, headDim, groups, (nint)largest, (nint)(largest + heads), (nint)memory, (nint)minima);
    }

    /// <summary>Weighted sum of a head.</summary>
    public float* Row(int head) => (float*)Weighted + (head * HeadDim);

    /// <summary>Weighted minima of a head.</summary>
    public float* MinimaOf(int head) => (float*)Minima + (head * Groups);

    /// <summary>Largest score of a head.</summary>
    public ref float LargestOf(int head) => ref ((float*)Largest)[head];

    /// <summary>Sum of exponentials of a head.</summary>
    public ref float TotalOf(int head) => ref ((float*)Total)[head];

    /// <summary>Nothing seen yet.</summary>
    public void Clear()
    {
        new Span<float>((void*)Weighted, FloatsFor(Heads, HeadDim, Groups)).Clear();
        new Span<float>((void*)Largest, Heads).Fill(float.NegativeInfinity);
    }

    /// <summary>Multiplies a head's sums, because its largest score grew.</summary>
    public void Rescale(int head, float factor)
    {
        TotalOf(head) *= factor;
        Span<float> row = new(Row(head), HeadDim);
        System.Numerics.Tensors.TensorPrimitives.Multiply(row, factor, row);
        for (int group = 0; group < Groups; group++)
        {
            MinimaOf(head)[group] *= factor;
        }
    }

    /// <summary>Adds what another part of the same sequence saw.</summary>
    public void Merge(in SoftmaxState other)
    {
        for (int head = 0; head < Heads; head++)
        {
            if (float.IsNegativeInfinity(other.LargestOf(head)))
            {
                continue;
            }

            if (float.IsNegativeInfinity(LargestOf(head)))
            {
                Take(other, head);
                continue;
            }

            float largest = Math.Max(LargestOf(head), other.LargestOf(head));
            if (largest > LargestOf(head))
            {
                Rescale(head, MathF.Exp(LargestOf(head) - largest));
                LargestOf(head) = largest;
            }

            float factor = MathF.Exp(other.LargestOf(head) - largest);
            TotalOf(head) += other.TotalOf(head) * factor;
            Span<float> row = new(Row(head), HeadDim);
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(other.Row(head), HeadDim), factor, row, row);
            for (int group = 0; group < Groups; group++)
            {
                MinimaOf(head)[group] += other.MinimaOf(head)[group] * factor;
            }
        }
    }

    private void Take(in SoftmaxState other, int head)
    {
        (LargestOf(head), TotalOf(head)) = (other.LargestOf(head), other.TotalOf(head));
        new ReadOnlySpan<float>(other.Row(head), HeadDim).CopyTo(new Span<float>(Row(head), HeadDim));
        new ReadOnlySpan<float>(other.MinimaOf(head), Groups).CopyTo(new Span<float>(MinimaOf(head), Groups));
    }

    /// <summary>The attention output: weighted mean of the value rows, [Heads][HeadDim]; 0 where there was nothing to see.</summary>
    public void Finish(float* output)
    {
        int groupSize = HeadDim / Groups;
        for (int head = 0; head < Heads; head++)
        {
            Vector<float> inverse = Vector.Create(TotalOf(head) == 0f ? 0f : 1f / TotalOf(head));
            for (int group = 0; group < Groups; group++)
            {
                Vector<float> minima = Vector.Create(MinimaOf(head)[group]);
                float* row = Row(head) + (group * groupSize);
                float* target = output + (head * HeadDim) + (group * groupSize);
                for (int i = 0; i < groupSize; i += Vector<float>.Count)
                {
                    ((Vector.Load(row + i) + minima) * inverse).Store(target + i);
                }
            }
        }
    }
}
