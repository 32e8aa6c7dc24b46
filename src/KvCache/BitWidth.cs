namespace AdaptiveKv.KvCache;

/// <summary>Bits per stored element of a key or a value.</summary>
public enum BitWidth
{
    /// <summary>Nothing is kept. Keys and values are dropped together: <see cref="KvTier.Dropped"/>.</summary>
    Zero = 0,

    /// <summary>2-bit codes with an 8-bit scale and an 8-bit zero point per group.</summary>
    Two = 2,

    /// <summary>3-bit codes: a 2-bit plane and a 1-bit plane.</summary>
    Three = 3,

    /// <summary>4-bit codes.</summary>
    Four = 4,

    /// <summary>8-bit codes.</summary>
    Eight = 8,

    /// <summary>binary16, no scale.</summary>
    Sixteen = 16,

    /// <summary>binary32: the reference the others are measured against.</summary>
    ThirtyTwo = 32,
}
