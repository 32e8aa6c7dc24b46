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
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind, newer, of another model, or lacks a tier.</exception>
    public ExpectedCosts(IReadOnlyList<string> paths, IReadOnlyList<KvTier> tiers, string? modelSha256, bool? prompts, CancellationToken cancellation)
    {
        unknown = [.. tiers.Select(_ => float.NaN)];
        string[] names = [.. tiers.Select(tier => TokenCostTable.Cost(tier).Name)];
        TableReader reader = TableReader.Open(paths[0], paths, TokenCostTable.Of([.. tiers.Select(TokenCostTable.Cost)]));
        IReadOnlyDictionary<string, string> made = TableReader.Open(paths[0], TokenCostTable.Of()).Metadata.Provenance;
        if (made.GetValueOrDefault(TokenCostTable.Model) is { } own && own != (modelSha256 ?? own))
        {
            throw new InvalidDataException($"{paths[0]}: the costs are of another model than the tokens: collect with the one that fisher read");
        }

        if (prompts is { } wanted && wanted != TokenTable.ArePrompts(made))
        {
            throw new InvalidDataException($"{paths[0]}: the costs were found with prompts: {(wanted ? "false" : "true")}, and the tokens collected with the opposite: take the same params for both");
        }

        foreach (TableBatch batch in reader.Read([TokenTable.Item.Name, TokenTable.Position.Name, .. names], cancellation))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                costs.TryAdd(
                    (batch.Values<string>(TokenTable.Item.Name)[row], batch.Values<int>(TokenTable.Position.Name)[row]), Array.ConvertAll(names, name => batch.Values<float>(name)[row]));
            }
        }
    }

    /// <summary>What a token costs by tier; NaN where that is not known.</summary>
    public float[] Of(string item, int position) => costs.GetValueOrDefault((item, position), unknown);
}
