namespace AdaptiveKv.KvCache;

/// <summary>A precision a token can be kept in: bits of its keys and bits of its values.</summary>
/// <param name="Keys">Bits per key element.</param>
/// <param name="Values">Bits per value element.</param>
public readonly record struct KvTier(BitWidth Keys, BitWidth Values)
{
    /// <summary>Number of distinct <see cref="Index"/> values.</summary>
    public const int Count = 36;

    /// <summary>Position of this tier in arrays by tier, 0 to <see cref="Count"/> - 1.</summary>
    public int Index => (Ordinal(Keys) * 6) + Ordinal(Values);

    /// <summary>The same width for keys and values.</summary>
    public static KvTier Of(BitWidth both) => new(both, both);

    /// <summary>"4" where keys and values agree, else "k8v4".</summary>
    public override string ToString() => Keys == Values ? $"{(int)Keys}" : $"k{(int)Keys}v{(int)Values}";

    private static int Ordinal(BitWidth bits) => bits switch
    {
        BitWidth.Two => 0,
        BitWidth.Three => 1,
        BitWidth.Four => 2,
        BitWidth.Eight => 3,
        BitWidth.Sixteen => 4,
        BitWidth.ThirtyTwo => 5,
        _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "2, 3, 4, 8, 16 or 32 bits"),
    };
}
