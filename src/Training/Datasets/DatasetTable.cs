using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Training.Datasets;

/// <summary>The table between the stages dataset and train: a labelled token a row.</summary>
internal static class DatasetTable
{
    public const string Item = "item";
    public const string Position = "position";
    public const string Split = "split";
    public const string Label = "label";
    public const string LossPrefix = "loss_";

    /// <summary>Provenance: kind of labels.</summary>
    public const string LabelKind = "labels";

    /// <summary>Provenance: the model that the tokens were collected with.</summary>
    public const string Model = "model_sha256";

    private const string Kind = "dataset";
    private const int Version = 1;

    /// <summary>What every such table has; the features and tiers of one are found in its own columns.</summary>
    public static TableSchema Common { get; } = new(Kind, Version,
    [
        new TableColumn(Item, ColumnType.String),
        new TableColumn(Position, ColumnType.Int32),
        new TableColumn(Split, ColumnType.String),
        new TableColumn(Label, ColumnType.Int32),
    ]);

    /// <summary>The columns of a table.</summary>
    public static TableSchema For(IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers) => new(Kind, Version,
    [
        new TableColumn(Item, ColumnType.String) { Description = "the text the token is of" },
        new TableColumn(Position, ColumnType.Int32) { Description = "0-based place in the text" },
        new TableColumn(Split, ColumnType.String) { Description = $"{ItemSplit.Train} or {ItemSplit.Validation}, by item" },
        .. features.Select(feature => new TableColumn(SaliencyFeatures.Name(feature), ColumnType.Float32) { Optional = true, Description = "as collected" }),
        new TableColumn(Label, ColumnType.Int32) { Description = $"the token's tier: 0 is {tiers[0]} bits, {tiers.Count - 1} is {tiers[^1]}" },
        .. tiers.Select(tier => new TableColumn($"{LossPrefix}{tier}", ColumnType.Float32) { Description = $"what {tier} bits lose of quality" }),
    ]) { Key = [Item, Position] };

    /// <summary>The features of a table, in the order of its columns.</summary>
    public static IReadOnlyList<SaliencyFeature> Features(TableSchema schema)
    {
        HashSet<string> known = [.. SaliencyFeatures.All.Select(SaliencyFeatures.Name)];
        return [.. schema.Columns.Where(column => known.Contains(column.Name)).Select(column => SaliencyFeatures.Parse(column.Name))];
    }

    /// <summary>The names of the tiers of a table's losses, in the order of its columns.</summary>
    public static IReadOnlyList<string> LossTiers(TableSchema schema) =>
        [.. schema.Columns.Where(column => column.Name.StartsWith(LossPrefix, StringComparison.Ordinal)).Select(column => column.Name[LossPrefix.Length..])];
}
