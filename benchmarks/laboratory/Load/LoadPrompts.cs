using AdaptiveKv.Files;

namespace AdaptiveKv.Laboratory.Load;

/// <summary>Prompts of many lengths, cut from a text.</summary>
internal static class LoadPrompts
{
    /// <summary>Cuts prompts whose lengths are spread evenly on a logarithmic scale.</summary>
    /// <param name="words">Of the text.</param>
    /// <param name="count">Prompts.</param>
    /// <param name="shortest">Words of the shortest.</param>
    /// <param name="longest">Words of the longest.</param>
    /// <param name="seed">Of places and order.</param>
    /// <exception cref="ArgumentException">The text is too short.</exception>
    public static IReadOnlyList<string> Cut(string[] words, int count, int shortest, int longest, ulong seed)
    {
        if (longest < shortest || words.Length <= longest)
        {
            throw new ArgumentException($"prompts of {shortest} to {longest} words from a text of {words.Length}: expected a longer text, or other lengths");
        }

        CounterRandom random = new(seed);
        return
        [
            .. Enumerable.Range(0, count)
                .OrderBy(i => random.Uniform((ulong)i))
                .Select(i => (int)Math.Round(shortest * Math.Pow((double)longest / shortest, count == 1 ? 1 : i / (count - 1.0))))
                .Select((length, i) => string.Join(' ', words.AsSpan((int)(random.Uniform((ulong)(count + i)) * (words.Length - length)), length).ToArray())),
        ];
    }
}
