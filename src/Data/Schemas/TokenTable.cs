using AdaptiveKv.Data.Columns;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Data.Schemas;

/// <summary>The table "tokens" between the stages collect and dataset: what is known of each when its step is over, and for sampled ones what each tier would cost.</summary>
public static class TokenTable
{
    /// <summary>Provenance: the layer after which hidden states are kept, from 1 on; 0 for none.</summary>
    public const string HiddenLayer = "hidden_layer";

    /// <summary>Provenance: whether contexts are prompts, so that predictions of endings alone count ("True"); also of the table "costs".</summary>
    public const string Prompts = "prompts";

    private const string CostPrefix = "kl_";

    /// <summary>Name of the item.</summary>
    public static TableColumn Item { get; } = new("item", ColumnType.String) { Description = "Name of the item in its file" };

    /// <summary>Place in the item's text.</summary>
    public static TableColumn Position { get; } = new("position", ColumnType.Int32) { Unit = "tokens", Description = "0-based position in the context and the right ending" };

    /// <summary>Token id.</summary>
    public static TableColumn Token { get; } = new("token", ColumnType.Int32) { Description = "Token id" };

    /// <summary>The token's hidden state.</summary>
    public static TableColumn Hidden { get; } = new("hidden", ColumnType.Float32List)
    {
        Description = "Residual stream of the token after the layer hidden_layer of the provenance, [hidden]; where that was asked for",
    };

    /// <summary>The tiers whose cost is recorded, in the order of the columns.</summary>
    public static IReadOnlyList<KvTier> Tiers { get; } =
    [
        KvTier.Dropped, KvTier.Of(BitWidth.Two), new(BitWidth.Three, BitWidth.Two), KvTier.Of(BitWidth.Three), new(BitWidth.Four, BitWidth.Three), KvTier.Of(BitWidth.Four),
        KvTier.Of(BitWidth.Eight), KvTier.Of(BitWidth.Sixteen),
    ];

    /// <summary>All columns that it can have.</summary>
    public static TableSchema Schema { get; } = For(Tiers, hidden: true);

    /// <summary>The columns of a table.</summary>
    /// <param name="tried">The tiers that were tried on sampled tokens.</param>
    /// <param name="hidden">Whether it has hidden states.</param>
    internal static TableSchema For(IReadOnlyList<KvTier> tried, bool hidden) => new("tokens", 1,
    [
        Item,
        Position,
        Token,
        new("piece", ColumnType.String) { Description = "Text of the token" },
        new("correct", ColumnType.Boolean) { Description = "Whether the teacher chooses the item's right ending" },
        .. SaliencyFeatures.All.Select(Feature),
        new("base_kl", ColumnType.Float32) { Unit = "nats", Description = "KL(teacher || all tokens at the operating tiers) of the prediction after this token", Optional = true },
        .. Recorded(tried).Select(Cost),
        .. hidden ? (TableColumn[])[Hidden] : [],
    ])
    {
        Key = [Item.Name, Position.Name],
    };

    /// <summary>The tiers that a table has columns of: all, but of dropping only where it was tried, so that tables from before it stay what they are.</summary>
    internal static IReadOnlyList<KvTier> Recorded(IReadOnlyList<KvTier> tried) => [.. Tiers.Where(tier => tier != KvTier.Dropped || tried.Contains(tier))];

    /// <summary>A table of some of its columns, for readers that need no others.</summary>
    public static TableSchema Of(params IReadOnlyList<TableColumn> columns) => new(Schema.Name, Schema.Version, columns);

    /// <summary>The column of a feature.</summary>
    public static TableColumn Feature(SaliencyFeature feature) =>
        new(SaliencyFeatures.Name(feature), ColumnType.Float32) { Unit = UnitOf(feature), Description = DescriptionOf(feature), Optional = true };

    /// <summary>The column of what a token costs in a tier.</summary>
    public static TableColumn Cost(KvTier tier) => new($"{CostPrefix}{tier}", ColumnType.Float32)
    {
        Unit = "nats",
        Description = $"Increase of the KL summed over all later predictions that count if this token alone is kept at {tier} bits instead of its operating tier; of sampled tokens",
        Optional = true,
    };

    /// <summary>The tier of a column that <see cref="Cost"/> names.</summary>
    public static bool TryParseCost(string column, out KvTier tier)
    {
        tier = default;
        return column.StartsWith(CostPrefix, StringComparison.Ordinal) && KvTier.TryParse(column[CostPrefix.Length..], out tier);
    }

    /// <summary>Whether a table's texts were taken for prompts and answers.</summary>
    internal static bool ArePrompts(IReadOnlyDictionary<string, string> provenance) => provenance.GetValueOrDefault(Prompts) == bool.TrueString;

    /// <summary>The tokens of a prompt that were still to come, of the feature log_remaining.</summary>
    internal static int TokensOf(float logRemaining) => (int)MathF.Round(MathF.Exp(logRemaining) - 1);

    private static string? UnitOf(SaliencyFeature feature) => feature switch
    {
        SaliencyFeature.Entropy or SaliencyFeature.PreviousEntropy or SaliencyFeature.Surprisal or SaliencyFeature.Rarity or SaliencyFeature.Probe => "nats",
        SaliencyFeature.PieceLength => "characters",
        _ => null,
    };

    private static string DescriptionOf(SaliencyFeature feature) => feature switch
    {
        SaliencyFeature.Entropy => "Entropy of the prediction after this token",
        SaliencyFeature.Rarity => "log((N + V) / (count + 1)) of the token in a text of N tokens, vocabulary V",
        SaliencyFeature.AttentionVariance => "Variance over query heads of the weight the token gives itself, mean over layers",
        SaliencyFeature.Confidence => "Largest probability of the prediction after this token",
        SaliencyFeature.Surprisal => "-log p of this token",
        SaliencyFeature.PreviousEntropy => "Entropy of the prediction of this token",
        SaliencyFeature.LogPosition => "log(1 + position)",
        SaliencyFeature.SelfAttention => "Weight the token gives itself, mean over query heads and layers",
        SaliencyFeature.KeyNorm => "Length of the token's keys, mean over layers and KV heads",
        SaliencyFeature.WordStart => "1 where the token's text begins with white space, else 0",
        SaliencyFeature.PieceLength => "Characters of the token's text without white space around it",
        SaliencyFeature.AttentionReceived => "Weight the next 8 tokens give this one, mean over them, query heads and layers",
        SaliencyFeature.LogRemaining => "log(1 + tokens of the prompt after this one); 0 in an answer, and where every prediction counts",
        SaliencyFeature.Probe => "What a linear probe reads from the token's hidden state: ln of its expected cost per later prediction",
        _ => $"Relative squared error of the token's keys and values at {SaliencyFeatures.Name(feature)[^1]} bits",
    };
}
