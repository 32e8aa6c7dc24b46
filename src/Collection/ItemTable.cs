using AdaptiveKv.KvCache;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Collection;

/// <summary>The table of items: what the teacher chooses, and what it chooses with every token at one width.</summary>
internal static class ItemTable
{
    /// <summary>The teacher and the uniform widths, in the order of the columns.</summary>
    public static IReadOnlyList<BitWidth> Widths { get; } = [BitWidth.Sixteen, BitWidth.Eight, BitWidth.Four, BitWidth.Two];

    /// <summary>Its columns.</summary>
    public static TableSchema Schema { get; } = new("items", 2,
    [
        new("item", ColumnType.String) { Description = "Name of the item in its file" },
        new("label", ColumnType.Int32) { Description = "Index of the right ending" },
        new("tokens", ColumnType.Int32) { Unit = "tokens", Description = "Tokens of the context and the right ending" },
        new("choice", ColumnType.Int32) { Description = "Ending the teacher finds likeliest" },
        new("correct", ColumnType.Boolean) { Description = "Whether that is the right one (acc)" },
        new("correct_norm", ColumnType.Boolean) { Description = "The same per character (acc_norm)" },
        new("correct_bytes", ColumnType.Boolean) { Description = "The same per byte (acc_bytes)" },
        .. Widths.Select(width => new TableColumn($"correct_{(int)width}", ColumnType.Boolean) { Description = $"acc with all tokens at {(int)width} bits" }),
        .. Widths.Select(width => new TableColumn($"log_likelihood_{(int)width}", ColumnType.Float32List) { Unit = "nats", Description = $"Per ending, with all tokens at {(int)width} bits" }),
    ])
    {
        Key = ["item"],
    };
}
