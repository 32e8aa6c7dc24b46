using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>The Parquet files of a table: what they say about themselves, and their rows, group by group. One file is open at a time.</summary>
internal static class TableFiles
{
    /// <summary>Reads the footers of files that are one table.</summary>
    /// <param name="name">What they are together, for messages.</param>
    /// <param name="paths">One or more, in the order of their rows.</param>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="InvalidDataException">One is no Parquet file, damaged, of a newer format, or another table than the first.</exception>
    public static TableMetadata Examine(string name, IReadOnlyList<string> paths)
    {
        List<TableFile> files = [];
        List<string> writers = [];
        List<IReadOnlyDictionary<string, string>> provenance = [];
        StoredColumn[] columns = [];
        string? schema = null;
        long groups = 0;
        foreach (string path in paths)
        {
            using ParquetFile file = ParquetFile.Open(path);
            StoredColumn[] own = [.. file.Columns.Select(column => column.Stored)];
            string? ownSchema = file.Fact(StoredSchema.SchemaKey);
            if (files.Count == 0)
            {
                (columns, schema) = (own, ownSchema);
            }
            else if (!own.SequenceEqual(columns))
            {
                throw new InvalidDataException($"{path}: {Difference(own, columns)} {paths[0]}: all files of one table must have the same columns");
            }
            else if (ownSchema != schema)
            {
                throw new InvalidDataException($"{path}: the table it declares itself to be is not that of {paths[0]}: all files of one table must be of the same kind and version");
            }

            files.Add(new TableFile(path, new FileInfo(path).Length, file.Rows));
            writers.Add(file.CreatedBy);
            provenance.Add(file.Fact(StoredSchema.ProvenanceKey) is { } facts ? StoredSchema.ReadProvenance(facts, path) : new Dictionary<string, string>());
            groups += file.Groups;
        }

        return new TableMetadata(
            name, files, groups, string.Join(", ", writers.Distinct()), columns, schema is null ? null : StoredSchema.Read(schema, paths[0]),
            provenance[0].Where(fact => provenance.All(file => file.TryGetValue(fact.Key, out string? value) && value == fact.Value)).ToDictionary());
    }

    /// <summary>Reads columns of all groups in which rows are wanted.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Names.</param>
    /// <param name="isWanted">Takes the number of a group's first row and how many it has; null where all are wanted.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The number of each group's first row, how many it has, and its columns.</returns>
    /// <exception cref="InvalidDataException">A file is damaged, or another than it was when the table was opened.</exception>
    public static IEnumerable<(long First, int Rows, ColumnData[] Columns)> Read(TableMetadata table, IReadOnlyList<string> columns, Func<long, int, bool>? isWanted, CancellationToken cancellation)
    {
        long first = 0;
        foreach (TableFile known in table.Files)
        {
            using ParquetFile file = ParquetFile.Open(known.Path);
            ParquetColumn[] read = [.. columns.Select(name => file.Columns.FirstOrDefault(column => column.Stored.Name == name)).OfType<ParquetColumn>()];
            if (read.Length != columns.Count || file.Rows != known.Rows)
            {
                throw new InvalidDataException($"{known.Path}: it is another file than it was: run the command again");
            }

            for (int group = 0; group < file.Groups; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                int rows = file.RowsOf(group);
                if (rows > 0 && isWanted?.Invoke(first, rows) != false)
                {
                    yield return (first, rows, file.Read(group, read));
                }

                first += rows;
            }
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private static string Difference(StoredColumn[] own, StoredColumn[] first)
    {
        int at = Enumerable.Range(0, Math.Min(own.Length, first.Length)).FirstOrDefault(i => own[i] != first[i], -1);
        return at < 0 ? $"{own.Length} columns instead of the {first.Length} of"
            : $"column {at + 1} is '{own[at].Name}' ({own[at].StoredType}) instead of '{first[at].Name}' ({first[at].StoredType}) of";
    }
}
