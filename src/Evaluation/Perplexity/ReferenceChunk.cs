using System.Numerics.Tensors;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>The reference's logits at the few positions of one chunk, kept until every policy has been compared with them.</summary>
/// <param name="length">Most positions of a chunk.</param>
/// <param name="vocabulary">Number of logits per position.</param>
internal sealed class ReferenceChunk(int length, int vocabulary)
{
    private readonly float[] _logits = new float[length * vocabulary];
    private readonly double[] _logSums = new double[length];
    private readonly double[] _losses = new double[length];
    private readonly int[] _tops = new int[length];

    public void Store(int index, ReadOnlySpan<float> logits, double logSum, double loss)
    {
        logits.CopyTo(_logits.AsSpan(index * vocabulary, vocabulary));
        (_logSums[index], _losses[index], _tops[index]) = (logSum, loss, TensorPrimitives.IndexOfMax(logits));
    }

    public ReadOnlySpan<float> Logits(int index) => _logits.AsSpan(index * vocabulary, vocabulary);

    public double LogSum(int index) => _logSums[index];

    /// <summary>Negative log-likelihood of the token that followed.</summary>
    public double Loss(int index) => _losses[index];

    /// <summary>The likeliest token.</summary>
    public int Top(int index) => _tops[index];
}
