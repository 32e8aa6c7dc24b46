using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>The merge rules as pairs of token ids; a lower rank is applied first.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<long, Merge> merges;

    /// <summary>Resolves the rules against the vocabulary. Of equal rules the first counts.</summary>
    /// <exception cref="ModelFormatException">A rule is not "left right", or one of left, right and their union is no token.</exception>
    public MergeTable(IReadOnlyList<string> rules, Vocabulary vocabulary, string path)
    {
        merges = new Dictionary<long, Merge>(rules.Count);
        for (int rank = 0; rank < rules.Count; rank++)
        {
            string rule = rules[rank];
            int space = rule.IndexOf(' ');
            if (space <= 0 || space == rule.Length - 1 || rule.IndexOf(' ', space + 1) >= 0)
            {
                throw Malformed(path, rank, rule, "expected two tokens with one space between them");
            }

            ReadOnlySpan<char> left = rule.AsSpan(0, space), right = rule.AsSpan(space + 1);
            int leftId = Require(vocabulary, left, path, rank, rule);
            int rightId = Require(vocabulary, right, path, rank, rule);
            int mergedId = Require(vocabulary, string.Concat(left, right), path, rank, rule);
            merges.TryAdd(Pair(leftId, rightId), new Merge(rank, mergedId));
        }
    }

    /// <summary>The rule for two neighbours; false where they do not merge (an id of -1 never does).</summary>
    public bool TryGet(int left, int right, out Merge merge) => merges.TryGetValue(Pair(left, right), out merge);

    private static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    private static int Require(Vocabulary vocabulary, ReadOnlySpan<char> spelling, string path, int rank, string rule)
    {
        int id = vocabulary.Find(spelling);
        return id >= 0 ? id : throw Malformed(path, rank, rule, $"'{Excerpt(spelling)}' is not a token of the vocabulary");
    }

    private static ModelFormatException Malformed(string path, int rank, string rule, string problem) =>
        new(path, $"merge {rank}", -1, $"'{Excerpt(rule)}': {problem}; convert the model again with an intact vocabulary");

    private static string Excerpt(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}...";

    /// <summary>What two neighbours become.</summary>
    /// <param name="Rank">Position of the rule.</param>
    /// <param name="Token">Id of the union.</param>
    public readonly record struct Merge(int Rank, int Token);
}
