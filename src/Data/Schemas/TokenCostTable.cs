using AdaptiveKv.Data.Columns;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Data.Schemas;

/// <summary>The table "costs" between the stage fisher and those that decide by it: what every tier is expected to cost of every token, in all and part by part.</summary>
internal static class TokenCostTable
{
    /// <summary>Provenance: the model that the costs are of.</summary>
    public const string Model = "model_sha256";

    /// <summary>Provenance: the text or items.</summary>
    public const string Data = "data_sha256";

    /// <summary>Provenance: the file of the transform; empty where there was none.</summary>
    public const string Transform = "transform_sha256";

    /// <summary>Provenance: most tokens of a text.</summary>
    public const string Window = "window";

    /// <summary>Provenance: layers of the model, which parts are of.</summary>
    public const string Layers = "layers";

    /// <summary>Provenance: of everything random.</summary>
    public const string Seed = "seed";

    private const string Kind = "costs";
    private const int Version = 1;

    private static readonly TableColumn[] Places = [TokenTable.Item, TokenTable.Position];

    /// <summary>The columns of a table.</summary>
    /// <param name="tiers">The tiers whose costs it has.</param>
    public static TableSchema For(IReadOnlyList<KvTier> tiers) => new(Kind, Version, [.. Places, .. tiers.Select(Cost), .. tiers.Select(Parts)])
    {
        Key = [TokenTable.Item.Name, TokenTable.Position.Name],
    };

    /// <summary>A table of some of its columns, for readers that need no others.</summary>
    public static TableSchema Of(params IReadOnlyList<TableColumn> columns) => new(Kind, Version, [.. Places, .. columns]);

    /// <summary>Where a table's rows come from, and that it has what is wanted.</summary>
    /// <param name="path">One of its segments.</param>
    /// <param name="tiers">Wanted tiers.</param>
    /// <exception cref="InvalidDataException">It is damaged, of another kind, or lacks a tier.</exception>
    public static IReadOnlyDictionary<string, string> Require(string path, IReadOnlyList<KvTier> tiers)
    {
        TableMetadata metadata = TableReader.Open(path, Of()).Metadata;
        KvTier[] missing = [.. tiers.Where(tier => !metadata.Columns.Any(column => column.Name == Cost(tier).Name))];
        return missing.Length == 0
            ? metadata.Provenance
            : throw new InvalidDataException($"{path}: has no costs of tiers {string.Join(", ", missing)}: find them again with 'akv fisher' and tiers of {string.Join(", ", tiers)} among others");
    }

    /// <summary>The column of what a token costs in a tier.</summary>
    public static TableColumn Cost(KvTier tier) => TokenTable.Cost(tier) with
    {
        Description = $"Expected KL summed over all later predictions that count if this token alone is kept at {tier} bits",
        Optional = false,
    };

    /// <summary>The column of what makes up <see cref="Cost"/>.</summary>
    public static TableColumn Parts(KvTier tier) => new($"parts_{tier}", ColumnType.Float32List)
    {
        Unit = "nats",
        Description = $"The same by part, [layer][KV head][keys, values], at {tier} bits; they add up to it",
    };
}
