using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Policies.Saliency;
using Microsoft.ML;

namespace AdaptiveKv.Data.Views;

/// <summary>A table of the stage dataset with its features and its losses as one vector each.</summary>
internal static class DatasetView
{
    /// <exception cref="InvalidDataException">It is another table, or newer.</exception>
    public static ParquetDataView Of(TableMetadata table)
    {
        TableReader.Require(table, DatasetTable.Common);
        TableSchema schema = table.Schema!;
        string[] tiers = [.. DatasetTable.LossTiers(schema)];
        string[] features = [.. DatasetTable.Features(schema).Select(SaliencyFeatures.Name)];
        return new ParquetDataView(table,
        [
            Column("Item", DatasetTable.Item),
            Column("Position", DatasetTable.Position),
            Column("Split", DatasetTable.Split),
            ViewColumn.Vector("Features", features, ViewAnnotations.Of(null, ViewAnnotations.SlotNames, features)),
            ViewColumn.Key("Label", DatasetTable.Label, tiers.Length, Annotations(DatasetTable.Label, ViewAnnotations.KeyValues, tiers)),
            ViewColumn.Vector("Losses", [.. tiers.Select(tier => $"{DatasetTable.LossPrefix}{tier}")], ViewAnnotations.Of(null, ViewAnnotations.SlotNames, tiers)),
        ]);

        ViewColumn Column(string name, string source) => ViewColumn.Of(name, table.Columns.First(column => column.Name == source), Annotations(source));

        DataViewSchema.Annotations Annotations(string source, string? kind = null, params IEnumerable<string> names) => ViewAnnotations.Of(schema.Columns[schema.IndexOf(source)], kind, names);
    }
}
