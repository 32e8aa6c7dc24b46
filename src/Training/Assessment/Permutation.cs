using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Assessment;

/// <summary>How much a network hangs on a feature: the increase of the validation loss when the feature's values are shuffled among the rows (Breiman 2001).</summary>
internal static class Permutation
{
    private const int Shuffles = 10;

    // Student's t for 95 % and 9 degrees of freedom.
    private const double T = 2.262;
    private const ulong Stream = 1UL << 32;

    /// <summary>The importance of one feature.</summary>
    /// <param name="network">The network.</param>
    /// <param name="set">Validation rows.</param>
    /// <param name="objective">What is measured.</param>
    /// <param name="feature">The feature.</param>
    /// <param name="index">Its place in the network's inputs.</param>
    /// <param name="seed">Of the shuffles.</param>
    /// <param name="cancellation">Ends it.</param>
    public static FeatureImportance ImportanceOf(
        Network network, RowSet set, Objective objective, SaliencyFeature feature, int index, ulong seed, CancellationToken cancellation)
    {
        double before = Fit.Assess(network, set, objective).Total;
        CounterRandom random = new(seed);
        double[] increases = new double[Shuffles];
        for (int shuffle = 0; shuffle < Shuffles; shuffle++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] order = [.. Enumerable.Range(0, set.Rows)];
            Fit.Shuffle(order, random, Stream + (ulong)((index * Shuffles) + shuffle));
            float[] inputs = [.. set.Inputs];
            for (int row = 0; row < set.Rows; row++)
            {
                inputs[(row * set.Width) + index] = set.Inputs[(order[row] * set.Width) + index];
            }

            increases[shuffle] = Fit.Assess(network, set with { Inputs = inputs }, objective).Total - before;
        }

        double mean = increases.Average();
        double variance = increases.Sum(increase => (increase - mean) * (increase - mean)) / (Shuffles - 1);
        double reach = T * Math.Sqrt(variance / Shuffles);
        return new FeatureImportance(SaliencyFeatures.Name(feature), Figure.Round(mean), Figure.Round(mean - reach), Figure.Round(mean + reach));
    }
}
