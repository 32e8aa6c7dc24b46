using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Data;

/// <summary>Finds values of a key that more than one row has, in eight bytes a row: rows are compared by hashes, and by their values where those are the same.</summary>
internal static class RepeatedKey
{
    /// <summary>Looks through a table.</summary>
    /// <returns>The first value that repeats ("item = 2, position = 5"), how many rows have it, and how many such values there are.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static (string First, long Rows, long Values) Find(Table table, IReadOnlyList<string> key, CancellationToken cancellation)
    {
        List<ulong> hashes = [];
        foreach (object?[] row in table.All(key, cancellation))
        {
            hashes.Add(Hash(row));
        }

        HashSet<ulong> suspects = Repeated(hashes);
        if (suspects.Count == 0)
        {
            return default;
        }

        Dictionary<string, long> rows = [];
        foreach (object?[] row in table.All(key, cancellation))
        {
            if (suspects.Contains(Hash(row)))
            {
                string value = string.Join(", ", key.Select((name, i) => $"{name} = {row[i]}"));
                rows[value] = rows.GetValueOrDefault(value) + 1;
            }
        }

        KeyValuePair<string, long>[] repeated = [.. rows.Where(value => value.Value > 1)];
        return repeated.Length == 0 ? default : (repeated[0].Key, repeated[0].Value, repeated.Length);
    }

    private static ulong Hash(object?[] row) => row.Aggregate(0UL, (hash, value) => ((hash ^ (uint)(value?.GetHashCode() ?? 0)) * 0x9E3779B97F4A7C15) ^ (hash >> 32));

    private static HashSet<ulong> Repeated(List<ulong> hashes)
    {
        hashes.Sort();
        HashSet<ulong> repeated = [];
        for (int i = 1; i < hashes.Count; i++)
        {
            if (hashes[i] == hashes[i - 1])
            {
                repeated.Add(hashes[i]);
            }
        }

        return repeated;
    }
}
