using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models;

/// <summary>
/// The rules a vocabulary obeys, whatever file it comes from. Duplicate tokens are allowed: the first one is the one that is used.
/// </summary>
internal static class VocabularyRules
{
    /// <summary>Refuses ids outside the vocabulary and merges that do not join two tokens to a third.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="definition">What the file states.</param>
    /// <returns><paramref name="definition"/>.</returns>
    public static TokenizerDefinition Check(string path, TokenizerDefinition definition)
    {
        CheckId(path, definition, "begin-of-text id", definition.BeginOfText);
        CheckId(path, definition, "end-of-text id", definition.EndOfText);
        if (definition.AddBeginOfText && definition.BeginOfText < 0)
        {
            throw new ModelFormatException(path, "begin-of-text id", -1, "is missing, though every text is to start with it");
        }

        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> tokens =
            new HashSet<string>(definition.Tokens).GetAlternateLookup<ReadOnlySpan<char>>();
        char[] joined = new char[definition.Merges.Count == 0 ? 0 : definition.Merges.Max(merge => merge.Length)];
        for (int rank = 0; rank < definition.Merges.Count; rank++)
        {
            string merge = definition.Merges[rank];
            int space = merge.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || space == merge.Length - 1)
            {
                throw new ModelFormatException(
                    path, "merges", -1, $"merge {rank} is \"{merge}\"; two tokens with a space between them are expected");
            }

            ReadOnlySpan<char> left = merge.AsSpan(0, space);
            ReadOnlySpan<char> right = merge.AsSpan(space + 1);
            left.CopyTo(joined);
            right.CopyTo(joined.AsSpan(space));
            if (!tokens.Contains(left) || !tokens.Contains(right) || !tokens.Contains(joined.AsSpan(0, merge.Length - 1)))
            {
                throw new ModelFormatException(
                    path, "merges", -1, $"merge {rank} \"{merge}\": its parts or their union are not in the vocabulary");
            }
        }

        return definition;
    }

    private static void CheckId(string path, TokenizerDefinition definition, string field, int id)
    {
        if (id < -1 || id >= definition.Tokens.Count)
        {
            throw new ModelFormatException(path, field, -1, $"is {id}; the vocabulary has the ids 0 to {definition.Tokens.Count - 1}");
        }
    }
}
