using System.Buffers;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Control tokens spelled literally in a text: the leftmost match, and the longest one there. Sorted ordinally, every literal that
/// is a prefix of the text is a prefix of the text's predecessor too, so one binary search and a walk along prefixes find it.
/// </summary>
internal sealed class SpecialTokens
{
    /// <summary>Longest literal accepted, in characters: bounds the work per position of a text.</summary>
    public const int MaxLength = 1024;

    private readonly string[] literals;
    private readonly int[] ids;
    private readonly int[] longestPrefix;
    private readonly SearchValues<char> firstCharacters;

    /// <summary>Indexes the control tokens; of equal literals the first id counts, empty ones are never matched.</summary>
    /// <exception cref="ModelFormatException">A literal is over-long.</exception>
    public SpecialTokens(IReadOnlyList<string> tokens, IReadOnlyList<bool> special, string path)
    {
        var sorted = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
        {
            if (special[id] && tokens[id].Length > MaxLength)
            {
                throw new ModelFormatException(
                    path, $"token {id}", -1, $"a control token of {tokens[id].Length} characters; at most {MaxLength} are accepted");
            }

            if (special[id] && tokens[id].Length > 0)
            {
                sorted.TryAdd(tokens[id], id);
            }
        }

        literals = [.. sorted.Keys];
        ids = [.. sorted.Values];
        firstCharacters = SearchValues.Create([.. literals.Select(literal => literal[0]).Distinct()]);
        longestPrefix = new int[literals.Length];
        for (int i = 0; i < literals.Length; i++)
        {
            int prefix = i - 1;
            while (prefix >= 0 && !literals[i].StartsWith(literals[prefix], StringComparison.Ordinal))
            {
                prefix = longestPrefix[prefix];
            }

            longestPrefix[i] = prefix;
        }
    }

    /// <summary>Id of the control token with this literal text; -1 where there is none.</summary>
    public int Find(string literal)
    {
        int index = Array.BinarySearch(literals, literal, StringComparer.Ordinal);
        return index >= 0 ? ids[index] : -1;
    }

    /// <summary>The first control token in <paramref name="text"/>; false where there is none.</summary>
    public bool TryFindFirst(ReadOnlySpan<char> text, out int start, out int length, out int id)
    {
        for (start = 0; start < text.Length; start++)
        {
            int skip = text[start..].IndexOfAny(firstCharacters);
            if (skip < 0)
            {
                break;
            }

            start += skip;
            int match = LongestAt(text[start..]);
            if (match >= 0)
            {
                (length, id) = (literals[match].Length, ids[match]);
                return true;
            }
        }

        (start, length, id) = (text.Length, 0, -1);
        return false;
    }

    private int LongestAt(ReadOnlySpan<char> text)
    {
        int low = 0, high = literals.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (literals[middle].AsSpan().SequenceCompareTo(text[..Math.Min(text.Length, MaxLength)]) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int match = low - 1;
        int common = match < 0 ? 0 : text.CommonPrefixLength(literals[match]);
        while (match >= 0 && literals[match].Length > common)
        {
            match = longestPrefix[match];
        }

        return match;
    }
}
