namespace AdaptiveKv.Files;

/// <summary>
/// The outputs of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) by their places. Samples of rows and items and the policies <c>mix-</c> are drawn with it: a seed of theirs
/// keeps its meaning. Everything else takes <see cref="CounterRandom"/>.
/// </summary>
public static class SplitMix64
{
    /// <summary>64 random bits.</summary>
    /// <param name="seed">Start of the stream.</param>
    /// <param name="counter">Place in it, from 0.</param>
    public static ulong Bits(ulong seed, ulong counter)
    {
        ulong z = seed + ((counter + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
