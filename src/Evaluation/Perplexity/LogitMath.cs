using System.Numerics.Tensors;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>Distributions over a vocabulary from float logits, computed in double precision: a divergence of 1e-4 is a small difference of large sums.</summary>
/// <param name="vocabulary">Number of logits.</param>
internal sealed class LogitMath(int vocabulary)
{
    private readonly double[] terms = new double[vocabulary];
    private readonly double[] probabilities = new double[vocabulary];

    /// <summary>log sum exp(x), shifted by the maximum.</summary>
    /// <returns>Not finite if a logit is NaN or +infinity.</returns>
    public double LogSumExp(ReadOnlySpan<float> logits)
    {
        TensorPrimitives.ConvertChecked(logits, terms);
        double max = TensorPrimitives.Max<double>(terms);
        TensorPrimitives.Subtract(terms, max, terms);
        TensorPrimitives.Exp<double>(terms, terms);
        return max + Math.Log(TensorPrimitives.Sum<double>(terms));
    }

    /// <summary>KL(p || q) = sum p (log p - log q) in nats, with p = softmax(reference) and q = softmax(logits).</summary>
    /// <param name="reference">Logits of p.</param>
    /// <param name="referenceLogSum">Their <see cref="LogSumExp"/>.</param>
    /// <param name="logits">Logits of q.</param>
    /// <param name="logSum">Their <see cref="LogSumExp"/>.</param>
    public double Divergence(ReadOnlySpan<float> reference, double referenceLogSum, ReadOnlySpan<float> logits, double logSum)
    {
        TensorPrimitives.ConvertChecked(reference, probabilities);
        TensorPrimitives.Subtract(probabilities, referenceLogSum, probabilities);
        TensorPrimitives.ConvertChecked(logits, terms);
        TensorPrimitives.Subtract(terms, logSum, terms);
        TensorPrimitives.Subtract(probabilities, terms, terms);
        TensorPrimitives.Exp<double>(probabilities, probabilities);
        return TensorPrimitives.Dot<double>(probabilities, terms);
    }
}
