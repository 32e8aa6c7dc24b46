using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

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
        string[] names = [.. table.Metadata.Columns.Select(column => column.Name)];
        TableColumn?[] declared = [.. names.Select(name => table.Metadata.Schema?.Columns.FirstOrDefault(other => other.Name == name))];
        var missing = new FaultCount[names.Length];
        var nonFinite = new FaultCount[names.Length];
        foreach ((long first, int rows, ColumnData[] group) in TableFiles.Read(table.Metadata, names, null, cancellation))
        {
            for (int i = 0; i < group.Length; i++)
            {
                for (int row = 0; row < rows && declared[i] is not null; row++)
                {
                    missing[i].Add(group[i].IsNull(row), first + row);
                    nonFinite[i].Add(group[i].IsNonFinite(row), first + row);
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
    }

    private static string[] RepeatedKeys(Table table, IReadOnlyList<string> key, CancellationToken cancellation)
    {
        (string First, long Rows, long Values) repeated = RepeatedKey.Find(table, key, cancellation);
        return repeated.Values == 0 ? []
            : [$"key ({string.Join(", ", key)}): {repeated.Values} of its values {(repeated.Values == 1 ? "repeats" : "repeat")}, the first ({repeated.First}) in {repeated.Rows} rows"];
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
