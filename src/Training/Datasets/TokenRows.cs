using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Training.Datasets;

/// <summary>Reads the columns of the "tokens" table that datasets are made of.</summary>
internal sealed class TokenRows
{
    private readonly IReadOnlyList<string> paths;
    private readonly TableSchema schema;
    private readonly string[] features;
    private readonly string[] increases;

    /// <param name="paths">Its segments.</param>
    /// <param name="features">Wanted features.</param>
    /// <param name="tiers">Tiers whose KL increase is wanted; none for labels of whole items.</param>
    public TokenRows(IReadOnlyList<string> paths, IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers)
    {
        TableColumn[] saliency = [.. features.Select(TokenTable.Feature)];
        TableColumn[] costs = [.. tiers.Select(TokenTable.Cost)];
        this.paths = paths;
        schema = TokenTable.Of([TokenTable.Item, TokenTable.Position, .. saliency, .. costs]);
        (this.features, increases) = ([.. saliency.Select(column => column.Name)], [.. costs.Select(column => column.Name)]);
    }

    /// <summary>SHA-256 of the model that the tokens were collected with; empty where the segments do not say, or not the same.</summary>
    public string ModelSha256
    {
        get
        {
            string[] models = [.. paths.Select(path => TableReader.Open(path, schema).Metadata.Provenance.GetValueOrDefault("model_sha256") ?? string.Empty).Distinct()];
            return models.Length == 1 ? models[0] : string.Empty;
        }
    }

    /// <summary>Rows of all segments.</summary>
    public long Count => paths.Sum(path => TableReader.Open(path, schema).Metadata.Rows);

    /// <summary>The rows, in order; the losses are KL increases, NaN where a token was not sampled, and empty without tiers.</summary>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or lacks a column.</exception>
    public IEnumerable<TokenRow> Read(CancellationToken cancellation)
    {
        string[] columns = [.. schema.Columns.Select(column => column.Name)];
        foreach (TableBatch batch in paths.SelectMany(path => TableReader.Open(path, schema).Read(columns, cancellation)))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                yield return new TokenRow(
                    batch.Values<string>(TokenTable.Item.Name)[row], batch.Values<int>(TokenTable.Position.Name)[row], Numbers(batch, row, features), Numbers(batch, row, increases), -1);
            }
        }
    }

    // A row without a value holds NaN.
    private static float[] Numbers(TableBatch batch, int row, string[] columns) => Array.ConvertAll(columns, column => batch.Values<float>(column)[row]);
}

/// <summary>A token that can be labelled.</summary>
/// <param name="Item">The item it belongs to.</param>
/// <param name="Position">0-based position.</param>
/// <param name="Features">Raw; NaN where one is unknown.</param>
/// <param name="Losses">What each tier loses of quality.</param>
/// <param name="Label">Place of its tier; -1 while it has none.</param>
internal sealed record TokenRow(string Item, int Position, float[] Features, float[] Losses, int Label);
