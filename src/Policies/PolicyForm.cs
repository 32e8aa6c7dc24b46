using System.Globalization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Policies;

/// <summary>A way to name a policy, or what may follow a name.</summary>
/// <param name="Name">With capitals for what is put in: "static-N".</param>
/// <param name="Tier">What decides a token's tier.</param>
/// <param name="Cost">Bits for each number in the cache, with scales and zero points, at a head dimension of 64.</param>
/// <param name="Example">One that <see cref="PolicyCatalog"/> takes.</param>
public sealed record PolicyForm(string Name, string Tier, string Cost, string Example)
{
    /// <summary>All of them; those that start with '+' follow another one.</summary>
    public static IReadOnlyList<PolicyForm> All { get; } =
    [
        new("static-N", $"N bits for all: {string.Join(", ", Enum.GetValues<BitWidth>().Select(width => $"{(int)width}"))}; 0 drops a token, which attention then sees no more", string.Join(", ", Enum.GetValues<BitWidth>().Select(width => $"{(int)width}: {Bits(width)}")), "static-4"),
        new("static-kXvY", "keys X bits, values Y bits, none of them 0", "the mean of both", "static-k8v4"),
        new("mix-X-Y-...", "dealt by chance in equal shares", "the mean of its widths", "mix-2-4-8"),
        new("random-BITS@SEED", "by chance at a mean, between the two widths around it", "BITS", "random-3.5@1"),
        new("rule-FEATURE-X-T-Y", "X bits where the feature is below T, else Y", "between X and Y, by the text", "rule-entropy-2-0.9-4"),
        new("learned", "a controller's choice at its own operating point", "what its training found", "learned"),
        new("learned-BITS", "a controller's choice at a wanted mean of bits", "BITS", "learned-3.5"),
        new("learned:NAME, learned:NAME-BITS", "of several controllers, the one given as `NAME=FILE`", "as learned", "learned:wide-3.5"),
        new("...+sinksN", "the first N tokens stay at 16 bits", "16 for them", "static-2+sinks1"),
        new("...+recentN", "the newest N tokens stay at 16 bits", "16 for them", "static-2+recent64"),
        new("...+escalateN", "the N % of tokens with the largest own error go one tier up", "the next width for them", "static-2+escalate5"),
    ];

    private static string Bits(BitWidth width) => TierCost.Nominal(KvTier.Of(width)).Bits.ToString(CultureInfo.InvariantCulture);
}
