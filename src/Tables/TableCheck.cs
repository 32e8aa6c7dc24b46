namespace AdaptiveKv.Tables;

/// <summary>Reads a table completely and compares it with the schema it carries.</summary>
public static class TableCheck
{
    /// <summary>What is wrong with a table, one line each; none where it is sound. A file of another program is only read.</summary>
    /// <exception cref="InvalidDataException">It cannot be read to its end.</exception>
    public static IReadOnlyList<string> FindFaults(Table table, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        TableSchema? schema = table.Metadata.Schema;
        string[] columns = schema is null ? [] : [.. WrongColumns(schema, table.Metadata.Columns)];
        IEnumerable<string> values = WrongValues(table, cancellation);
        IEnumerable<string> keys = columns is [] && schema is { Key.Count: > 0 } ? RepeatedKeys(table, schema.Key, cancellation) : [];
        return [.. columns, .. values, .. keys];
    }

    private static IEnumerable<string> WrongColumns(TableSchema schema, IReadOnlyList<StoredColumn> stored)
    {
        foreach (TableColumn column in schema.Columns)
        {
            StoredColumn? actual = stored.FirstOrDefault(other => other.Name == column.Name);
            if (actual?.Type != column.Type)
            {
                yield return $"column '{column.Name}' is {actual?.StoredType ?? "missing"}, its schema says {column.Type}";
            }
        }

        foreach (StoredColumn extra in stored.Where(other => schema.IndexOf(other.Name) < 0))
        {
            yield return $"column '{extra.Name}' is not in its schema";
        }
    }

    private static IEnumerable<string> WrongValues(Table table, CancellationToken cancellation)
    {
        using TableRows rows = table.All(null, cancellation);
        TableColumn?[] declared = [.. rows.Columns.Select(column => table.Metadata.Schema?.Columns.FirstOrDefault(other => other.Name == column.Name))];
        var missing = new FaultCount[declared.Length];
        var nonFinite = new FaultCount[declared.Length];
        long done = 0;
        for (; rows.NextChunk() is { } chunk; done += chunk[0].Count)
        {
            for (int i = 0; i < chunk.Length; i++)
            {
                for (int row = 0; row < chunk[i].Count && declared[i] is not null; row++)
                {
                    missing[i].Add(chunk[i].IsNull(row), done + row);
                    nonFinite[i].Add(chunk[i].IsNonFinite(row), done + row);
                }
            }
        }

        for (int i = 0; i < declared.Length; i++)
        {
            if (missing[i].Rows > 0 && declared[i] is { Optional: false })
            {
                yield return $"column '{declared[i]!.Name}' lacks a value in {missing[i]}";
            }

            if (nonFinite[i].Rows > 0 && declared[i] is { AllowsNonFinite: false })
            {
                yield return $"column '{declared[i]!.Name}' is NaN or infinite in {nonFinite[i]}";
            }
        }

        if (done != table.Metadata.Rows)
        {
            yield return $"{done} rows could be read of {table.Metadata.Rows}";
        }
    }

    private static string[] RepeatedKeys(Table table, IReadOnlyList<string> key, CancellationToken cancellation)
    {
        using TableRows repeated = table.RepeatedKey(key, cancellation);
        return
        [
            .. from row in repeated
               let example = string.Join(", ", key.Select((name, i) => $"{name} = {row[i]}"))
               select $"key ({string.Join(", ", key)}): {row[^1]} of its values repeat, the first ({example}) in {row[^2]} rows",
        ];
    }

    /// <summary>Rows with a fault, and the first of them.</summary>
    private struct FaultCount
    {
        private long first;

        public long Rows { get; private set; }

        public void Add(bool fault, long row)
        {
            if (fault)
            {
                first = Rows++ == 0 ? row : first;
            }
        }

        public override readonly string ToString() => $"{Rows} {(Rows == 1 ? "row" : "rows")}, the first of them {first}";
    }
}
