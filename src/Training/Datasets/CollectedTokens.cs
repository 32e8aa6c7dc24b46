using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Views;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training.Datasets;

/// <summary>The table of the stage collect as rows of ML.NET, with the wanted features as one vector, <c>Features</c>.</summary>
internal sealed class CollectedTokens
{
    /// <param name="context">Of ML.NET.</param>
    /// <param name="paths">The table's segments.</param>
    /// <param name="features">Wanted features; NaN where one is unknown.</param>
    /// <param name="tiers">Tiers whose measured cost is wanted.</param>
    /// <param name="skipFirst">First tokens of each item that are left out.</param>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or lacks a column.</exception>
    public CollectedTokens(MLContext context, IReadOnlyList<string> paths, IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers, int skipFirst)
    {
        TableSchema schema = TokenTable.Of([TokenTable.Item, TokenTable.Position, .. features.Select(TokenTable.Feature), .. tiers.Select(TokenTable.Cost)]);
        TableMetadata[] files = [.. paths.Select(path => TableReader.Open(path, schema).Metadata)];
        string[] models = [.. files.Select(file => file.Provenance.GetValueOrDefault("model_sha256") ?? string.Empty).Distinct()];
        (ModelSha256, Count) = (models.Length == 1 ? models[0] : string.Empty, files.Sum(file => file.Rows));
        ArePrompts = files.Length > 0 && TokenTable.ArePrompts(files[0].Provenance);
        IDataView stored = context.Data.FilterByCustomPredicate<Place>(context.Data.LoadFromParquet(paths), token => token.Position < skipFirst);
        View = context.Transforms.Concatenate("Features", [.. features.Select(SaliencyFeatures.Name)]).Fit(stored).Transform(stored);
    }

    /// <summary>SHA-256 of the model that the tokens were collected with; empty where the segments do not say, or not the same.</summary>
    public string ModelSha256 { get; }

    /// <summary>Whether predictions of endings alone count.</summary>
    public bool ArePrompts { get; }

    /// <summary>Tokens of all segments, those that are left out among them.</summary>
    public long Count { get; }

    /// <summary>The tokens that are left, in order: the table's own columns and <c>Features</c>.</summary>
    public IDataView View { get; }

    private sealed class Place
    {
        [ColumnName("position")]
        public int Position { get; set; }
    }
}
