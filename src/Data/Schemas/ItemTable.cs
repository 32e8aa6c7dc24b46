using AdaptiveKv.Data.Columns;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Data.Schemas;

/// <summary>The table "items" between the stages collect and dataset: what the teacher chooses, and what it chooses with every token at one width.</summary>
public static class ItemTable
{
    /// <summary>Name of the item.</summary>
    public static TableColumn Item { get; } = new("item", ColumnType.String) { Description = "Name of the item in its file" };

    /// <summary>Whether the teacher answers it right.</summary>
    public static TableColumn Correct { get; } = new("correct", ColumnType.Boolean) { Description = "Whether that is the right one (acc)" };

    /// <summary>The teacher and the uniform widths, in the order of the columns.</summary>
    public static IReadOnlyList<BitWidth> Widths { get; } = [BitWidth.Sixteen, BitWidth.Eight, BitWidth.Four, BitWidth.Two];

    /// <summary>Its columns.</summary>
    public static TableSchema Schema { get; } = new("items", 2,
    [
        Item,
        new("label", ColumnType.Int32) { Description = "Index of the right ending" },
        new("tokens", ColumnType.Int32) { Unit = "tokens", Description = "Tokens of the context and the right ending" },
        new("choice", ColumnType.Int32) { Description = "Ending the teacher finds likeliest" },
        Correct,
        new("correct_norm", ColumnType.Boolean) { Description = "The same per character (acc_norm)" },
        new("correct_bytes", ColumnType.Boolean) { Description = "The same per byte (acc_bytes)" },
        .. Widths.Select(width => CorrectAt(KvTier.Of(width))),
        .. Widths.Select(width => new TableColumn($"log_likelihood_{(int)width}", ColumnType.Float32List) { Unit = "nats", Description = $"Per ending, with all tokens at {(int)width} bits; none where there is one ending" }),
    ])
    {
        Key = [Item.Name],
    };

    /// <summary>A table of some of its columns, for readers that need no others.</summary>
    public static TableSchema Of(params IReadOnlyList<TableColumn> columns) => new(Schema.Name, Schema.Version, columns);

    /// <summary>The column that says whether an item is answered right with all tokens at a tier.</summary>
    public static TableColumn CorrectAt(KvTier tier) => new($"{Correct.Name}_{tier}", ColumnType.Boolean) { Description = $"acc with all tokens at {tier} bits" };
}
