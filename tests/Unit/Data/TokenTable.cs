using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Unit.Data;

/// <summary>A table of the shape that collecting makes, one row per token, with every column type; its rows follow from their numbers.</summary>
internal static class TokenTable
{
    public const int TokensPerItem = 100;

    public static TableSchema Schema { get; } = new("tokens", 1,
    [
        new("item", ColumnType.Int32) { Description = "Number of the item" },
        new("position", ColumnType.Int32),
        new("token", ColumnType.Int32),
        new("hash", ColumnType.Int64),
        new("piece", ColumnType.String),
        new("entropy", ColumnType.Float32) { Unit = "nats" },
        new("surprise", ColumnType.Float32) { Unit = "nats" },
        new("rarity", ColumnType.Float32),
        new("attention", ColumnType.Float32) { Unit = "share" },
        new("age", ColumnType.Float32),
        new("loss", ColumnType.Float64) { Unit = "nats", AllowsNonFinite = true },
        new("correct", ColumnType.Boolean),
        new("kl", ColumnType.Float32List) { Optional = true, Description = "KL increase at 2, 4 and 8 bits" },
        new("note", ColumnType.String) { Optional = true },
    ])
    {
        Key = ["item", "position"],
    };

    public static IReadOnlyDictionary<string, string> Provenance { get; } = new Dictionary<string, string> { ["seed"] = "42", ["model_sha256"] = "00ff", ["akv"] = "0.1.0" };

    public static void Add(TableWriter writer, int rows, int first = 0)
    {
        for (int i = first; i < first + rows; i++)
        {
            writer.Add(i / TokensPerItem).Add(i % TokensPerItem).Add(Token(i)).Add(Hash(i)).Add(Piece(i));
            writer.Add(Share(i, 1)).Add(Share(i, 2)).Add(Share(i, 3)).Add(Share(i, 4)).Add(Share(i, 5)).Add(Loss(i)).Add(i % 3 == 0);
            (Kl(i) is { } kl ? writer.Add(kl) : writer.AddNull()).AddNullable(Note(i)).EndRow();
        }
    }

    public static int Token(int row) => (int)(Mix(row) % 49_152);

    public static long Hash(int row) => (long)Mix(row);

    public static string Piece(int row) => row % 7 == 0 ? "ein längeres Stück, 'quoted' \"so\"" : $"p{row % 50}";

    public static float Share(int row, int column) => (Mix((row * 16) + column) >> 40) / (float)(1 << 24);

    public static double Loss(int row) => row % 1000 == 999 ? double.NaN : Share(row, 6) * 10.0;

    public static float[]? Kl(int row) => row % 4 != 0 ? null : row % 16 == 0 ? [] : [Share(row, 7), 0.5f, 0.25f];

    public static string? Note(int row) => row % 5 == 0 ? $"line {row}\n\"two\", three" : null;

    private static TableWriter AddNullable(this TableWriter writer, string? text) => text is null ? writer.AddNull() : writer.Add(text);

    // SplitMix64's finalizer.
    private static ulong Mix(int row)
    {
        ulong z = ((ulong)row + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
