namespace AdaptiveKv.Files;

/// <summary>The known name that a mistyped one most likely stood for.</summary>
public static class NearestName
{
    /// <summary>The first of the known names with the smallest edit distance; null where none is near (2 edits, or a third of its length).</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int smallest = int.MaxValue;
        foreach (string candidate in known)
        {
            int allowed = Math.Max(2, candidate.Length / 3);
            if (Math.Abs(name.Length - candidate.Length) > allowed)
            {
                continue;
            }

            int distance = Distance(name.ToLowerInvariant(), candidate);
            if (distance <= allowed && distance < smallest)
            {
                (nearest, smallest) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>Levenshtein distance: the fewest insertions, deletions and substitutions that turn one into the other.</summary>
    internal static int Distance(ReadOnlySpan<char> from, ReadOnlySpan<char> to)
    {
        // One row of the table of distances between prefixes: row[j] is that of from[..i] and to[..j].
        int[] row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 0; i < from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int substituted = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(substituted, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[to.Length];
    }
}
