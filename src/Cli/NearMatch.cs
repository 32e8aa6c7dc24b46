namespace AdaptiveKv.Cli;

/// <summary>Finds the known word a mistyped one most likely means.</summary>
internal static class NearMatch
{
    /// <summary>The candidate with the fewest edits, where those are at most a third of the word (and two at least); else null.</summary>
    public static string? Find(string word, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Candidate: candidate, Edits: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
        .Where(match => match.Edits <= Math.Max(2, match.Candidate.Length / 3) && match.Edits < match.Candidate.Length)
        .OrderBy(match => match.Edits)
        .ThenBy(match => match.Candidate, StringComparer.Ordinal)
        .Select(match => match.Candidate)
        .FirstOrDefault();

    // Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
    private static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }

                int substitution = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(substitution, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
                }
            }
        }

        return edits[a.Length, b.Length];
    }
}
