using System.Numerics.Tensors;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>The reference's logits at the few positions of one chunk, kept until every policy has been compared with them.</summary>
/// <param name="length">Most positions of a chunk.</param>
/// <param name="vocabulary">Number of logits per position.</param>
internal sealed class ReferenceChunk(int length, int vocabulary)
{
    private readonly float[] stored = new float[length * vocabulary];
    private readonly double[] logSums = new double[length];
    private readonly double[] losses = new double[length];
    private readonly int[] tops = new int[length];

    public void Store(int index, ReadOnlySpan<float> logits, double logSum, double loss)
    {
        logits.CopyTo(stored.AsSpan(index * vocabulary, vocabulary));
        (logSums[index], losses[index], tops[index]) = (logSum, loss, TensorPrimitives.IndexOfMax(logits));
    }

    public ReadOnlySpan<float> Logits(int index) => stored.AsSpan(index * vocabulary, vocabulary);

    public double LogSum(int index) => logSums[index];

    /// <summary>Negative log-likelihood of the token that followed.</summary>
    public double Loss(int index) => losses[index];

    /// <summary>The likeliest token.</summary>
    public int Top(int index) => tops[index];
}
