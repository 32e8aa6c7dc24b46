using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Collection;

/// <summary>A text some of whose tokens' costs the stage collect has measured.</summary>
/// <param name="Item">Its name.</param>
/// <param name="Tokens">All of its tokens.</param>
/// <param name="Counted">The first prediction that counts, by the token that it follows.</param>
/// <param name="Costs">[tokens][tiers], nats above 16 bits; NaN where one was not measured.</param>
internal sealed record MeasuredText(string Item, int[] Tokens, int Counted, float[][] Costs);

/// <summary>Reads measured costs of the table "tokens".</summary>
internal static class MeasuredTexts
{
    private static readonly TableColumn Remaining = TokenTable.Feature(SaliencyFeature.LogRemaining);

    private static readonly KvTier Origin = KvTier.Of(BitWidth.Sixteen);

    /// <summary>The first texts with measured costs.</summary>
    /// <param name="paths">The table's segments.</param>
    /// <param name="modelSha256">The model that they must be of.</param>
    /// <param name="tiers">Whose costs are wanted.</param>
    /// <param name="most">Texts.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">The table is damaged, of another model, counts from another tier than 16 bits, or has no measured cost.</exception>
    public static IReadOnlyList<MeasuredText> Read(IReadOnlyList<string> paths, string modelSha256, IReadOnlyList<KvTier> tiers, int most, CancellationToken cancellation)
    {
        string[] costs = [.. tiers.Select(tier => TokenTable.Cost(tier).Name)];
        TableSchema schema = TokenTable.Of([TokenTable.Item, TokenTable.Position, TokenTable.Token, Remaining, .. tiers.Select(TokenTable.Cost)]);
        List<(string Item, int Token, float Remaining, float[] Costs)> rows = [];
        foreach (string path in paths)
        {
            TableReader reader = TableReader.Open(path, schema);
            Require(path, reader.Metadata.Provenance, modelSha256);
            foreach (TableBatch batch in reader.Read([.. schema.Columns.Select(column => column.Name)], cancellation))
            {
                for (int row = 0; row < batch.Rows; row++)
                {
                    rows.Add((batch.Values<string>(TokenTable.Item.Name)[row], batch.Values<int>(TokenTable.Token.Name)[row], batch.Values<float>(Remaining.Name)[row], Array.ConvertAll(costs, name => batch.Values<float>(name)[row])));
                }
            }
        }

        MeasuredText[] texts =
        [
            .. from row in rows
               group row by row.Item into text
               where text.Any(row => row.Costs.Any(float.IsFinite))
               select new MeasuredText(text.Key, [.. text.Select(row => row.Token)], TokenTable.TokensOf(text.First().Remaining), [.. text.Select(row => row.Costs)]),
        ];
        return texts.Length > 0
            ? texts[..Math.Min(most, texts.Length)]
            : throw new InvalidDataException($"{paths[0]}: no token has a measured cost of {string.Join(", ", tiers)} bits: collect with samples, or leave dep tokens out");
    }

    private static void Require(string path, IReadOnlyDictionary<string, string> provenance, string modelSha256)
    {
        if (provenance.GetValueOrDefault("model_sha256") != modelSha256)
        {
            throw new InvalidDataException($"{path}: its costs were measured on another model: collect with this one, or leave dep tokens out");
        }

        string operating = provenance.GetValueOrDefault("operating") ?? "";
        if (PolicyCatalog.ParseOne(operating).Choose(int.MaxValue) != Origin)
        {
            throw new InvalidDataException($"{path}: its costs count from {operating}; those of gradients count from 16 bits: collect with operating: static-16, or leave dep tokens out");
        }
    }
}
