using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models;

/// <summary>
/// The rules a vocabulary obeys, whatever file it comes from. Duplicate tokens are allowed: the first one is the one that is used. Ids of
/// begin and end of text that no token has were passed over before.
/// </summary>
internal static class VocabularyRules
{
    /// <summary>Refuses an unknown pre-tokenization rule and merges that do not join two tokens to a third.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="definition">What the file states.</param>
    /// <returns><paramref name="definition"/>.</returns>
    public static TokenizerDefinition Check(string path, TokenizerDefinition definition)
    {
        _ = PreTokenizer.Named(definition.PreTokenizer, path);
        if (definition.AddBeginOfText && definition.BeginOfText < 0)
        {
            throw new ModelFormatException(path, "begin-of-text id", -1, "is missing, though every text is to start with it");
        }

        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> tokens =
            definition.Tokens.Where((_, id) => definition.Details.Added.GetValueOrDefault(id, AddedToken.Control).IsMerged).ToHashSet()
                .GetAlternateLookup<ReadOnlySpan<char>>();
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
}
