namespace AdaptiveKv.Files;

/// <summary>
/// Counter-based random numbers, Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a value
/// depends on nothing but seed, stream and counter, so any order and any number of threads give the same numbers.
/// </summary>
/// <param name="Seed">The key.</param>
public readonly record struct CounterRandom(ulong Seed)
{
    private const int Rounds = 10;
    private const uint MultiplierA = 0xD2511F53, MultiplierB = 0xCD9E8D57;
    private const uint WeylA = 0x9E3779B9, WeylB = 0xBB67AE85;

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    /// <param name="counter">Which number of the sequence.</param>
    /// <param name="stream">Which of the independent sequences of this seed.</param>
    public double Uniform(ulong counter, ulong stream = 0) => (Bits(counter, stream) >> 11) * (1.0 / (1UL << 53));

    /// <summary>64 random bits.</summary>
    /// <inheritdoc cref="Uniform"/>
    public ulong Bits(ulong counter, ulong stream = 0)
    {
        (uint x0, uint x1, _, _) = Block(counter, stream);
        return ((ulong)x1 << 32) | x0;
    }

    /// <summary>The four words of a block; the counter is its low 64 bits, the stream its high ones.</summary>
    internal (uint X0, uint X1, uint X2, uint X3) Block(ulong counter, ulong stream)
    {
        uint x0 = (uint)counter, x1 = (uint)(counter >> 32), x2 = (uint)stream, x3 = (uint)(stream >> 32);
        uint keyA = (uint)Seed, keyB = (uint)(Seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong productA = (ulong)MultiplierA * x0, productB = (ulong)MultiplierB * x2;
            (x0, x1, x2, x3) = ((uint)(productB >> 32) ^ x1 ^ keyA, (uint)productB, (uint)(productA >> 32) ^ x3 ^ keyB, (uint)productA);
            keyA += WeylA;
            keyB += WeylB;
        }

        return (x0, x1, x2, x3);
    }
}
