using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Data;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>Finds the costs of texts by gradients: the rows of <see cref="Data.Schemas.TokenCostTable"/>.</summary>
/// <param name="costs">Finds them.</param>
/// <param name="tiers">Of what.</param>
/// <param name="seed">Of everything random.</param>
/// <param name="cancellation">Ends the work.</param>
internal sealed class CostCollector(FisherCosts costs, IReadOnlyList<KvTier> tiers, ulong seed, CancellationToken cancellation)
{
    /// <summary>How expected costs of the tiers go with measured ones; null by tier where there are none.</summary>
    public CostAgreement?[] Compare(IReadOnlyList<MeasuredText> texts, IProgress<long> progress)
    {
        List<(double Expected, double Measured)[]>[] pairs = [.. tiers.Select(_ => new List<(double, double)[]>())];
        foreach ((int done, MeasuredText text) in texts.Index())
        {
            float[][] expected = Of(text.Item, text.Tokens);
            foreach ((int tier, float[] parts) in expected.Index())
            {
                pairs[tier].Add([.. text.Costs.Index().Where(token => float.IsFinite(token.Item[tier])).Select(token => (Sum(parts, token.Index), (double)token.Item[tier]))]);
            }

            progress.Report(done + 1);
        }

        return [.. tiers.Select((tier, index) => CostAgreement.Of(tier, pairs[index], seed))];
    }

    /// <summary>Writes a row per token of a text.</summary>
    /// <param name="item">The text's name.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="scales">What the costs of each tier are multiplied by.</param>
    /// <param name="rows">Receives the rows.</param>
    public void Write(string item, int[] tokens, IReadOnlyList<double> scales, TableWriter rows)
    {
        float[][] found = Of(item, tokens);
        foreach ((int tier, float[] parts) in found.Index())
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(parts, (float)scales[tier], parts);
        }

        for (int position = 0; position < tokens.Length; position++)
        {
            rows.Add(item).Add(position);
            foreach (float[] parts in found)
            {
                rows.Add((float)Sum(parts, position));
            }

            foreach (float[] parts in found)
            {
                rows.Add(Of(parts, position));
            }

            rows.EndRow();
        }
    }

    private float[][] Of(string item, int[] tokens) => costs.Of(tokens, new CounterRandom(CollectionSample.SeedOf(item, seed)), cancellation);

    private double Sum(float[] parts, int position)
    {
        double sum = 0;
        foreach (float part in Of(parts, position))
        {
            sum += part;
        }

        return sum;
    }

    private ReadOnlySpan<float> Of(float[] parts, int position) => parts.AsSpan(position * costs.Parts, costs.Parts);
}
