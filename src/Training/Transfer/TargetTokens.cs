using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training.Transfer;

/// <summary>Tokens of the model that a controller will be used on, labelled or not.</summary>
/// <param name="features">What the controller sees of them.</param>
/// <param name="rows">[tokens] of [features]; NaN where one is unknown.</param>
internal sealed class TargetTokens(IReadOnlyList<SaliencyFeature> features, IReadOnlyList<float[]> rows)
{
    /// <summary>How many.</summary>
    public int Count => rows.Count;

    /// <summary>How a feature is brought to mean 0 and deviation 1 over these tokens; one that never changes keeps its size.</summary>
    /// <exception cref="InvalidDataException">No token has it.</exception>
    public FeatureScale Scale(SaliencyFeature feature)
    {
        int index = features.ToList().IndexOf(feature);
        FeatureMoments moments = FeatureMoments.Of(rows.Select(row => row[index]));
        return moments.Rows > 0
            ? new FeatureScale(feature, (float)moments.Mean, moments.Std > 0 ? (float)moments.Std : 1f)
            : throw new InvalidDataException($"feature '{SaliencyFeatures.Name(feature)}' has no value in any token: collect again with it");
    }

    /// <summary>Which price leads a controller to how many bits on these tokens.</summary>
    public BudgetCurve Measure(Controller controller)
    {
        int tiers = controller.Tiers.Count;
        float[] logits = new float[rows.Count * tiers];
        float[] saliency = [.. Enumerable.Repeat(float.NaN, SaliencyFeatures.All.Count)];
        for (int row = 0; row < rows.Count; row++)
        {
            foreach ((int i, SaliencyFeature feature) in features.Index())
            {
                saliency[(int)feature] = rows[row][i];
            }

            controller.Logits(saliency, logits.AsSpan(row * tiers, tiers));
        }

        return BudgetCurve.Of(logits, [.. controller.Tiers.Select(cost => cost.Bits)]);
    }
}
