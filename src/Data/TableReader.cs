using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>Reads a table by column, a row group at a time.</summary>
public sealed class TableReader
{
    private TableReader(TableMetadata metadata) => Metadata = metadata;

    /// <summary>What its files say about themselves.</summary>
    public TableMetadata Metadata { get; }

    /// <summary>Opens a table of a kind.</summary>
    /// <param name="path">A Parquet file that <see cref="TableWriter"/> wrote.</param>
    /// <param name="expected">The kind; a file of an older version must have all its columns.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, no Parquet file, of another kind, newer, or lacks a column.</exception>
    public static TableReader Open(string path, TableSchema expected) => Open(path, [path], expected);

    /// <summary>Opens files of a kind as one table of all their rows.</summary>
    /// <param name="name">What they are together, for messages: their folder.</param>
    /// <param name="paths">One or more, in the order of their rows.</param>
    /// <param name="expected">The kind.</param>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="InvalidDataException">One is damaged, no Parquet file, of another kind, newer, or lacks a column.</exception>
    public static TableReader Open(string name, IReadOnlyList<string> paths, TableSchema expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        TableMetadata metadata = TableFiles.Examine(name, paths);
        Require(metadata, expected);
        return new TableReader(metadata);
    }

    /// <summary>Reads columns of all rows, in the order they were written.</summary>
    /// <param name="columns">Names; all columns if none is given.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IEnumerable<TableBatch> Read(IReadOnlyList<string>? columns = null, CancellationToken cancellation = default)
    {
        TableSchema schema = Metadata.Schema!;
        columns ??= [.. schema.Columns.Select(column => column.Name)];
        return columns.FirstOrDefault(name => schema.IndexOf(name) < 0) is { } unknown
            ? throw new ArgumentException($"{Metadata.Path}: no column '{unknown}'")
            : Batches(columns, cancellation);
    }

    /// <summary>Reads a whole column.</summary>
    /// <typeparam name="T">As for <see cref="TableBatch.Values"/>.</typeparam>
    public T[] Column<T>(string name)
    {
        var values = new T[Metadata.Rows];
        int done = 0;
        foreach (TableBatch batch in Read([name]))
        {
            batch.Values<T>(name).CopyTo(values.AsSpan(done));
            done += batch.Rows;
        }

        return values;
    }

    private IEnumerable<TableBatch> Batches(IReadOnlyList<string> columns, CancellationToken cancellation)
    {
        foreach ((_, _, ColumnData[] group) in TableFiles.Read(Metadata, columns, null, cancellation))
        {
            yield return new TableBatch(columns, group);
        }
    }

    /// <summary>Refuses what is no table of a kind.</summary>
    /// <exception cref="InvalidDataException">It is of another kind, newer, or lacks a column.</exception>
    internal static void Require(TableMetadata file, TableSchema expected)
    {
        string wanted = $"a table '{expected.Name}' is expected";
        if (file.Schema is not { } actual)
        {
            throw new InvalidDataException($"{file.Path}: written by another program ({file.CreatedBy}): {wanted}, as akv writes it");
        }

        if (actual.Name != expected.Name)
        {
            throw new InvalidDataException($"{file.Path}: holds a table '{actual.Name}': {wanted}");
        }

        if (actual.Version > expected.Version)
        {
            throw new InvalidDataException($"{file.Path}: table '{actual.Name}' has version {actual.Version}, this program reads up to {expected.Version}: use a newer akv, or make the file again");
        }

        // The file's own schema says which columns a caller may ask for, so a damaged one must not pass.
        foreach (TableColumn column in expected.Columns.Concat(actual.Columns))
        {
            StoredColumn? stored = actual.IndexOf(column.Name) < 0 ? null : file.Columns.FirstOrDefault(other => other.Name == column.Name);
            if (stored?.Type != column.Type)
            {
                throw new InvalidDataException($"{file.Path}: column '{column.Name}' is {stored?.StoredType ?? "missing"}, expected {column.Type}: make the file again with this version of akv");
            }
        }
    }
}
