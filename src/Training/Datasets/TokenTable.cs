using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Training.Datasets;

/// <summary>Reads the columns of the "tokens" table that datasets are made of.</summary>
internal sealed class TokenTable
{
    private const string Item = "item";
    private const string Position = "position";

    private readonly IReadOnlyList<string> paths;
    private readonly string[] features;
    private readonly string[] columns;
    private readonly string[] increases;
    private readonly TableSchema schema;

    /// <param name="paths">Its segments.</param>
    /// <param name="features">Wanted features.</param>
    /// <param name="tiers">Tiers whose KL increase is wanted; none for labels of whole items.</param>
    public TokenTable(IReadOnlyList<string> paths, IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers)
    {
        this.paths = paths;
        this.features = [.. features.Select(SaliencyFeatures.Name)];
        increases = [.. tiers.Select(CostColumn.Of)];
        string[] numbers = [.. this.features, .. increases];
        columns = [Item, Position, .. numbers];
        schema = new TableSchema("tokens", 1,
        [
            new TableColumn(Item, ColumnType.String),
            new TableColumn(Position, ColumnType.Int32),
            .. numbers.Select(name => new TableColumn(name, ColumnType.Float32) { Optional = true }),
        ]);
    }

    /// <summary>SHA-256 of the model that the tokens were collected with; empty where the segments do not say, or not the same.</summary>
    public string ModelSha256
    {
        get
        {
            string[] models = [.. paths.Select(path =>
            {
                using TableReader reader = TableReader.Open(path, schema);
                return reader.Metadata.Provenance.GetValueOrDefault("model_sha256") ?? string.Empty;
            }).Distinct()];
            return models.Length == 1 ? models[0] : string.Empty;
        }
    }

    /// <summary>Rows of all segments.</summary>
    public long Count => paths.Sum(path =>
    {
        using TableReader reader = TableReader.Open(path, schema);
        return reader.Metadata.Rows;
    });

    /// <summary>The rows, in order; the losses are KL increases, NaN where a token was not sampled, and empty without tiers.</summary>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or lacks a column.</exception>
    public IEnumerable<TokenRow> Read(CancellationToken cancellation)
    {
        foreach (string path in paths)
        {
            using TableReader reader = TableReader.Open(path, schema);
            foreach (TableBatch batch in reader.Read(columns, cancellation))
            {
                for (int row = 0; row < batch.Rows; row++)
                {
                    yield return Row(batch, row);
                }
            }
        }
    }

    // A row without a value holds NaN.
    private TokenRow Row(TableBatch batch, int row)
    {
        return new TokenRow(
            batch.Values<string>(Item)[row], batch.Values<int>(Position)[row], Numbers(features), Numbers(increases), -1);

        float[] Numbers(string[] names)
        {
            float[] numbers = new float[names.Length];
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = batch.Values<float>(names[i])[row];
            }

            return numbers;
        }
    }
}
