using System.Diagnostics;
using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Sums of one item under one policy.</summary>
/// <param name="endings">The endings' tokens.</param>
/// <param name="reference">The item at 16 bits; null where nothing is compared with it.</param>
internal sealed class EndingTally(IReadOnlyList<int[]> endings, ReferenceItem? reference)
{
    private EndingDivergence divergence;

    /// <summary>Summed log-likelihood per ending.</summary>
    public double[] LogLikelihood { get; } = new double[endings.Count];

    /// <summary>Distance from the reference; null where nothing is compared.</summary>
    public EndingDivergence? Divergence => divergence.Predictions == 0 ? null : divergence;

    /// <summary>Time that the comparison took.</summary>
    public TimeSpan Comparing { get; private set; }

    /// <summary>Features of a token at 16 bits.</summary>
    public ReadOnlySpan<float> Saliency(int ending, int index) => reference!.Saliency(ending, index);

    /// <summary>Takes the logits after a token of an ending; with ending -1 those after the context, which predict every ending's first token.</summary>
    public void Add(int ending, int index, ReadOnlySpan<float> logits)
    {
        NextTokenStatistics next = NextTokenStatistics.Of(logits);
        if (ending >= 0)
        {
            LogLikelihood[ending] += LogProbabilities.Of(logits, endings[ending][index + 1], next);
        }
        else
        {
            for (int i = 0; i < endings.Count; i++)
            {
                LogLikelihood[i] += LogProbabilities.Of(logits, endings[i][0], next);
            }
        }

        if (reference is { HasPredictions: true })
        {
            long start = Stopwatch.GetTimestamp();
            Compare(reference.Predictions(ending), ending < 0 ? 0 : index, logits, next);
            Comparing += Stopwatch.GetElapsedTime(start);
        }
    }

    private void Compare(ReferencePredictions expected, int index, ReadOnlySpan<float> logits, NextTokenStatistics next)
    {
        (double kl, bool agrees) = expected.Compare(index, logits, next);
        divergence = new EndingDivergence(divergence.Kl + kl, divergence.Agreements + (agrees ? 1 : 0), divergence.Predictions + 1);
    }
}
