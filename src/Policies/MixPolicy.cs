using System.Globalization;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>
/// Tiers dealt to tokens by chance, in equal shares of a list ("mix-2-2-4-8": half of the tokens at 2 bits): a stream of every listed tier
/// without any knowledge of the tokens. The choice hangs on the position alone, so that runs repeat.
/// </summary>
internal sealed class MixPolicy : PrecisionPolicy
{
    /// <summary>How names of such policies begin.</summary>
    public const string Prefix = "mix-";

    private readonly KvTier[] tiers;

    private MixPolicy(string name, KvTier[] tiers)
    {
        Name = name;
        this.tiers = tiers;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The policy of a name.</summary>
    /// <param name="name">"mix-" and widths below 32 bits, joined by "-".</param>
    /// <exception cref="FormatException">A part is no width.</exception>
    public static MixPolicy Parse(string name) => new(name, [.. name[Prefix.Length..].Split('-').Select(part =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int bits) && bits < 32 && Enum.IsDefined((BitWidth)bits)
            ? KvTier.Of((BitWidth)bits)
            : throw new FormatException($"policy '{name}': '{part}' is none of 0, 2, 3, 4, 8, 16; expected widths such as mix-2-4-8"))]);

    /// <inheritdoc/>
    public override KvTier Choose(int position) => tiers[SplitMix64.Bits(0, (ulong)position) % (ulong)tiers.Length];
}
