using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Collection;

/// <summary>The params of the stage <c>collect</c>.</summary>
internal sealed record CollectParams : TextParams
{
    [Param("First tokens that every coded run keeps at 16 bits, and that are never sampled", Minimum = 0, Maximum = PolicyCatalog.MostKept, Unit = "tokens")]
    public int Sinks { get; init; } = 1;

    [Param("Tokens of each item whose counterfactual cost is measured for every tier", Minimum = 0, Unit = "tokens")]
    public int Samples { get; init; }

    [Param("The tiers that are tried on such a token: those that a dataset will choose from", Unit = "bits", LeastCount = 1, Check = nameof(Tier))]
    public IReadOnlyList<string> Tiers { get; init; } = ["2", "4", "8", "16"];

    [Param("Policy of the other tokens meanwhile", Check = nameof(Policy))]
    public string Operating { get; init; } = "static-4";

    [Param("Layer after which the hidden state of every token is kept, for the stage probe; 0 for none", Minimum = 0, Unit = "layers")]
    public int HiddenLayer { get; init; }

    /// <summary>In the order of the table's columns, each once.</summary>
    public KvTier[] TriedTiers => [.. TokenTable.Tiers.Intersect(Tiers.Select(Tier))];

    /// <summary>The policy of the other tokens.</summary>
    public PrecisionPolicy OperatingPolicy => Policy(Operating, Sinks);

    /// <summary>The policy of every token at one width.</summary>
    public PrecisionPolicy Uniform(BitWidth width) => PolicyCatalog.ParseOne($"static-{(int)width}", Sinks);

    /// <summary>A tier whose costs tables have.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static KvTier Tier(string name) =>
        KvTier.TryParse(name, out KvTier tier) && TokenTable.Tiers.Contains(tier) ? tier : throw new FormatException($"'{name}': expected some of {string.Join(", ", TokenTable.Tiers)}");

    private static void Policy(string name) => Policy(name, 0);

    private static PrecisionPolicy Policy(string name, int sinks)
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne(name, sinks);
        return policy.LooksAtTokens || policy.Recent > 0
            ? throw new FormatException($"'{name}' looks at tokens: expected a policy by position alone, such as static-4")
            : policy;
    }
}
