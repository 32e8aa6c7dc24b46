using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Collection;

/// <summary>What is collected of each item.</summary>
/// <param name="Sinks">First tokens that stay at 16 bits in every coded run; they are never sampled.</param>
/// <param name="Samples">Tokens of an item whose counterfactual costs are measured; 0 for none.</param>
/// <param name="Tiers">The tiers that are tried on a sampled token, of <see cref="TokenTable.Tiers"/>.</param>
/// <param name="Operating">Tiers of all other tokens meanwhile.</param>
/// <param name="Seed">Of the sampling.</param>
internal sealed record CollectionSettings(int Sinks, int Samples, IReadOnlyList<KvTier> Tiers, PrecisionPolicy Operating, ulong Seed)
{
    /// <summary>The policy of every token at one width.</summary>
    public PrecisionPolicy Uniform(BitWidth width) => PolicyCatalog.ParseOne($"static-{(int)width}", Sinks);
}
