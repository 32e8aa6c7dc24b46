using System.Globalization;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>
/// Chance at a wanted mean of bits ("random-3.5@7"): each token gets one of the two widths of 0, 2, 3, 4, 8, 16 around the mean, so that the mean is met; a mean
/// that is a width leaves nothing to chance. The baseline that any policy which looks at tokens must beat. The same seed and sequence give the same choices.
/// </summary>
internal sealed class RandomPolicy : PrecisionPolicy
{
    /// <summary>How names of such policies begin.</summary>
    public const string Prefix = "random-";

    private static readonly int[] Widths = [0, 2, 3, 4, 8, 16];

    private readonly KvTier low;
    private readonly KvTier high;
    private readonly double share;
    private readonly ulong seed;
    private ulong sequence;

    private RandomPolicy(string name, double bits, ulong seed)
    {
        Name = name;
        this.seed = seed;
        int below = Widths.Last(width => width <= bits && width < 16);
        int above = Widths.First(width => width > below);
        (low, high) = (KvTier.Of((BitWidth)below), KvTier.Of((BitWidth)above));
        share = (bits - below) / (above - below);
    }

    public override string Name { get; }

    /// <summary>The policy of a name: "random-BITS" or "random-BITS@SEED".</summary>
    /// <exception cref="FormatException">It is not of that form, or the bits are not 0 to 16.</exception>
    public static RandomPolicy Parse(string name)
    {
        string[] parts = name[Prefix.Length..].Split('@');
        ulong seed = 0;
        return parts.Length <= 2
            && double.TryParse(parts[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double bits) && bits is >= 0 and <= 16
            && (parts.Length == 1 || ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            ? new RandomPolicy(name, bits, seed)
            : throw new FormatException($"policy '{name}': expected {Prefix}BITS or {Prefix}BITS@SEED with 0 to 16 bits, such as {Prefix}3.5@1");
    }

    public override void Begin(ulong sequence) => this.sequence = sequence;

    public override KvTier Choose(int position) => new CounterRandom(seed).Uniform((ulong)position, sequence) < share ? high : low;
}
