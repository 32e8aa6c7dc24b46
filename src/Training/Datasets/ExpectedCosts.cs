using System.Globalization;
using System.Numerics.Tensors;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Training.Datasets;

/// <summary>What tokens are expected to cost in each tier: the columns of the table "costs" that labels hang on.</summary>
internal sealed class ExpectedCosts
{
    private readonly Dictionary<(string Item, int Position), float[]> costs = [];
    private readonly float[] unknown;

    /// <summary>Reads them.</summary>
    /// <param name="paths">The table's segments.</param>
    /// <param name="tiers">Wanted tiers.</param>
    /// <param name="modelSha256">The model that the tokens were collected with; null where that is not known.</param>
    /// <param name="prompts">Whether the tokens were collected as prompts and answers; null where that is not known.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="layers">The first and the last layer whose costs count; none for all.</param>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind, newer, of another model, or lacks a tier or a layer.</exception>
    public ExpectedCosts(
        IReadOnlyList<string> paths, IReadOnlyList<KvTier> tiers, string? modelSha256, bool? prompts, CancellationToken cancellation, IReadOnlyList<int>? layers = null)
    {
        unknown = [.. tiers.Select(_ => float.NaN)];
        TableColumn[] columns = [.. tiers.Select(tier => layers is [_, _] ? TokenCostTable.Parts(tier) : TokenCostTable.Cost(tier))];
        string[] names = [.. columns.Select(column => column.Name)];
        IReadOnlyDictionary<string, string> made = TokenCostTable.Require(paths[0], tiers);
        TableReader reader = TableReader.Open(paths[0], paths, TokenCostTable.Of(columns));
        if (made.GetValueOrDefault(TokenCostTable.Model) is { } own && own != (modelSha256 ?? own))
        {
            throw new InvalidDataException($"{paths[0]}: the costs are of another model than the tokens: collect with the one that fisher read");
        }

        if (prompts is { } wanted && wanted != TokenTable.ArePrompts(made))
        {
            throw new InvalidDataException($"{paths[0]}: the costs were found with prompts: {(wanted ? "false" : "true")}, and the tokens collected with the opposite: take the same params for both");
        }

        Func<TableBatch, string, int, float> cost = layers is [int first, int last] ? OfLayers(paths[0], made, first, last) : (batch, name, row) => batch.Values<float>(name)[row];
        foreach (TableBatch batch in reader.Read([TokenTable.Item.Name, TokenTable.Position.Name, .. names], cancellation))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                costs.TryAdd(
                    (batch.Values<string>(TokenTable.Item.Name)[row], batch.Values<int>(TokenTable.Position.Name)[row]), Array.ConvertAll(names, name => cost(batch, name, row)));
            }
        }
    }

    /// <summary>What a token costs by tier; NaN where that is not known.</summary>
    public float[] Of(string item, int position) => costs.GetValueOrDefault((item, position), unknown);

    // Parts are [layer][KV head][keys, values].
    private static Func<TableBatch, string, int, float> OfLayers(string path, IReadOnlyDictionary<string, string> made, int first, int last) =>
        !int.TryParse(made.GetValueOrDefault(TokenCostTable.Layers), CultureInfo.InvariantCulture, out int layers) ? throw new InvalidDataException($"{path}: does not say how many layers its model has: find the costs again")
        : last >= layers ? throw new InvalidDataException($"{path}: the model has {layers} layers, and the costs of {first} to {last} are wanted: the last is {layers - 1}")
        : (batch, name, row) =>
        {
            ReadOnlySpan<float> parts = batch.List(name, row);
            int perLayer = parts.Length / layers;
            return TensorPrimitives.Sum(parts[(first * perLayer)..((last + 1) * perLayer)]);
        };
}
