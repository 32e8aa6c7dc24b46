using AdaptiveKv.Data.Columns;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Data.Schemas;

/// <summary>The table between the stages dataset and train: a labelled token a row.</summary>
public static class DatasetTable
{
    /// <summary>The token's item.</summary>
    public const string Item = "item";

    /// <summary>Its place in the item's text.</summary>
    public const string Position = "position";

    /// <summary>What it is used for.</summary>
    public const string Split = "split";

    /// <summary>Which tier is right.</summary>
    public const string Label = "label";

    /// <summary>What the column of a tier's loss begins with.</summary>
    public const string LossPrefix = "loss_";

    /// <summary>A <see cref="Split"/>: rows to learn from.</summary>
    public const string Train = "train";

    /// <summary>A <see cref="Split"/>: rows to judge by.</summary>
    public const string Validation = "validation";

    /// <summary>Provenance: kind of labels.</summary>
    public const string LabelKind = "labels";

    /// <summary>Provenance: the model that the tokens were collected with.</summary>
    public const string Model = "model_sha256";

    private const string Kind = "dataset";
    private const int Version = 1;

    private static readonly TableColumn[] Places =
    [
        new(Item, ColumnType.String) { Description = "the text the token is of" },
        new(Position, ColumnType.Int32) { Description = "0-based place in the text" },
        new(Split, ColumnType.String) { Description = $"{Train} or {Validation}, by item" },
    ];

    /// <summary>What every such table has; the features and tiers of one are found in its own columns.</summary>
    public static TableSchema Common { get; } = new(Kind, Version, [.. Places, new TableColumn(Label, ColumnType.Int32)]);

    /// <summary>The columns of a table.</summary>
    public static TableSchema For(IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers) => new(Kind, Version,
    [
        .. Places,
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
