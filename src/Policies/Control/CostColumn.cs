using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies.Control;

/// <summary>Columns of the table "tokens" that hold what a token costs in a tier ("kl_k3v2", nats): collected once, read by datasets and the oracle.</summary>
public static class CostColumn
{
    private const string Prefix = "kl_";

    /// <summary>The column of a tier.</summary>
    public static string Of(KvTier tier) => Prefix + tier;

    /// <summary>The tier of a column that <see cref="Of"/> names.</summary>
    public static bool TryParse(string column, out KvTier tier)
    {
        tier = default;
        return column.StartsWith(Prefix, StringComparison.Ordinal) && KvTier.TryParse(column[Prefix.Length..], out tier);
    }
}
