namespace AdaptiveKv.KvCache;

/// <summary>A precision a token can be kept in: bits of its keys and bits of its values.</summary>
/// <param name="Keys">Bits per key element.</param>
/// <param name="Values">Bits per value element.</param>
public readonly record struct KvTier(BitWidth Keys, BitWidth Values)
{
    /// <summary>Number of distinct <see cref="Index"/> values.</summary>
    public const int Count = 37;

    /// <summary>All of them, in the order of <see cref="Index"/>.</summary>
    public static IReadOnlyList<KvTier> All { get; } = [.. from keys in Kept from values in Kept select new KvTier(keys, values), Dropped];

    /// <summary>No bits: the token is stored nowhere and attention does not see it again, but others keep their positions.</summary>
    public static KvTier Dropped => default;

    private static IEnumerable<BitWidth> Kept => Enum.GetValues<BitWidth>().Where(width => width != BitWidth.Zero);

    private static Dictionary<string, KvTier> Named { get; } = All.ToDictionary(tier => tier.ToString(), StringComparer.Ordinal);

    /// <summary>Position of this tier in arrays by tier, 0 to <see cref="Count"/> - 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such tier.</exception>
    public int Index => this == Dropped ? Count - 1 : (Ordinal(Keys) * 6) + Ordinal(Values); // The last one: saved sessions know the others by theirs.

    /// <summary>Mean bits of keys and values, without scales and zero points.</summary>
    public double NominalBits => ((int)Keys + (int)Values) / 2.0;

    /// <summary>The same width for keys and values.</summary>
    public static KvTier Of(BitWidth both) => new(both, both);

    /// <summary>"4" where keys and values agree, else "k8v4".</summary>
    public override string ToString() => Keys == Values ? $"{(int)Keys}" : $"k{(int)Keys}v{(int)Values}";

    /// <summary>The tier of a name that <see cref="ToString"/> gives.</summary>
    public static bool TryParse(string name, out KvTier tier) => Named.TryGetValue(name, out tier);

    private static int Ordinal(BitWidth bits) => bits switch
    {
        BitWidth.Two => 0,
        BitWidth.Three => 1,
        BitWidth.Four => 2,
        BitWidth.Eight => 3,
        BitWidth.Sixteen => 4,
        BitWidth.ThirtyTwo => 5,
        _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "2, 3, 4, 8, 16 or 32 bits, or 0 for keys and values both"),
    };
}
