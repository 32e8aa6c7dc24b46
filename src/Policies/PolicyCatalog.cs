using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>The policies a user can name, and the way from a name to its policy.</summary>
public static class PolicyCatalog
{
    private static readonly BitWidth[] Widths = Enum.GetValues<BitWidth>();

    private static readonly Dictionary<string, KvTier> StaticTiers = NameStaticTiers();

    /// <summary>What <see cref="Parse"/> accepts, for help texts and error messages.</summary>
    public static string Known { get; } =
        string.Join(", ", Widths.Select(width => "static-" + KvTier.Of(width))) + ", static-kXvY (keys X bits, values Y bits, such as static-k8v4)";

    /// <summary>Policies of a comma-separated list, in its order.</summary>
    /// <param name="names">Such as "static-16,static-8,static-k8v4".</param>
    /// <exception cref="FormatException">The list is empty, holds an unknown name, or names one policy twice.</exception>
    public static IReadOnlyList<PrecisionPolicy> Parse(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var policies = new List<PrecisionPolicy>();
        foreach (string name in names.Split(',', StringSplitOptions.TrimEntries))
        {
            PrecisionPolicy policy = ParseOne(name);
            if (policies.Exists(other => other.Name == policy.Name))
            {
                throw new FormatException($"policy '{policy.Name}' is named twice in '{names}': name each policy once");
            }

            policies.Add(policy);
        }

        return policies;
    }

    /// <summary>The policy of one name.</summary>
    /// <exception cref="FormatException">The name is unknown; the message holds the nearest known one.</exception>
    public static PrecisionPolicy ParseOne(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            throw new FormatException($"a policy name is empty: expected a comma-separated list of {Known}");
        }

        if (StaticTiers.TryGetValue(name, out KvTier tier))
        {
            return new StaticPolicy(tier);
        }

        string suggestion = NearestName.Find(name, StaticTiers.Keys) is { } nearest ? $"did you mean '{nearest}'? " : "";
        throw new FormatException($"unknown policy '{name}': {suggestion}known: {Known}");
    }

    private static Dictionary<string, KvTier> NameStaticTiers()
    {
        // The plain widths come first, so that they win a tie among equally near names.
        var tiers = Widths.ToDictionary(width => "static-" + KvTier.Of(width), KvTier.Of, StringComparer.Ordinal);
        foreach (BitWidth keys in Widths)
        {
            foreach (BitWidth values in Widths)
            {
                tiers.Add($"static-k{(int)keys}v{(int)values}", new KvTier(keys, values));
            }
        }

        return tiers;
    }
}
