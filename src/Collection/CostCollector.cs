using System.Numerics.Tensors;
using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Data;
using AdaptiveKv.Files;

namespace AdaptiveKv.Collection;

/// <summary>Finds the costs of texts by gradients: the rows of <see cref="Data.Schemas.TokenCostTable"/>.</summary>
/// <param name="costs">Finds them; is disposed of with this.</param>
/// <param name="seed">Of everything random.</param>
/// <param name="cancellation">Ends the work.</param>
internal sealed class CostCollector(FisherCosts costs, ulong seed, CancellationToken cancellation) : IDisposable
{
    /// <summary>Expected costs beside measured ones.</summary>
    /// <returns>By tier, those tokens that have both, and what all tokens behind the first are expected to cost.</returns>
    public (double All, (double Expected, double Measured)[] Tokens)[] Compare(MeasuredText text) =>
    [
        .. Of(text.Item, text.Tokens, text.Counted).Select((parts, tier) => (
            Enumerable.Range(WholeTextLosses.Sinks, text.Tokens.Length - WholeTextLosses.Sinks).Sum(position => Sum(parts, position)),
            text.Costs.Index()
                .Where(token => float.IsFinite(token.Item[tier]))
                .Select(token => (Sum(parts, token.Index), (double)token.Item[tier]))
                .ToArray())),
    ];

    /// <summary>Finds the costs of a text.</summary>
    /// <param name="item">The text's name.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="counted">The first prediction that counts, by the token that it follows.</param>
    /// <param name="scales">What the costs of each tier are multiplied by.</param>
    /// <returns>Writes a row per token.</returns>
    public Action<TableWriter> Collect(string item, int[] tokens, int counted, IReadOnlyList<double> scales)
    {
        float[][] found = Of(item, tokens, counted);
        foreach ((int tier, float[] parts) in found.Index())
        {
            TensorPrimitives.Multiply(parts, (float)scales[tier], parts);
        }

        return rows => Write(item, tokens.Length, found, rows);
    }

    public void Dispose() => costs.Dispose();

    private void Write(string item, int tokens, float[][] found, TableWriter rows)
    {
        for (int position = 0; position < tokens; position++)
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

    private float[][] Of(string item, int[] tokens, int counted) => costs.Of(tokens, counted, new CounterRandom(CollectionSample.SeedOf(item, seed)), cancellation);

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
