using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>
/// A Parquet file of any program, or several as one table, for a look: rows here, statistics and SQL by <c>TableQueries</c>. What is read at once is a row group, which has
/// 65,536 rows in tables of this program.
/// </summary>
public sealed class Table
{
    private Table(TableMetadata metadata) => Metadata = metadata;

    /// <summary>What its files say about themselves.</summary>
    public TableMetadata Metadata { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no Parquet file, damaged, or its metadata are of a newer format.</exception>
    public static Table Open(string path) => Open(path, [path]);

    /// <summary>Opens files of the same kind as one table of all their rows.</summary>
    /// <param name="name">What they are together, for messages: their folder.</param>
    /// <param name="paths">One or more, in the order of their rows.</param>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="InvalidDataException">One is no Parquet file, damaged, of a newer format, or of another kind than the first.</exception>
    public static Table Open(string name, IReadOnlyList<string> paths) => new(TableFiles.Examine(name, paths));

    /// <summary>All rows.</summary>
    /// <param name="columns">Names; all columns if none is given.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public TableRows All(IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) => Rows(columns, 0, Metadata.Rows, null, cancellation);

    /// <summary>The first rows.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Head(long rows, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) => Rows(columns, 0, Math.Min(rows, Metadata.Rows), null, cancellation);

    /// <summary>The last rows, in their order.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Tail(long rows, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) =>
        Rows(columns, Math.Max(0, Metadata.Rows - rows), Metadata.Rows, null, cancellation);

    /// <summary>Rows chosen at random, each with the same chance, in their order; the same seed chooses the same rows.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Sample(int rows, ulong seed, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) =>
        Rows(columns, 0, Metadata.Rows, [.. RowSample.Choose(Metadata.Rows, rows, seed)], cancellation);

    private TableRows Rows(IReadOnlyList<string>? columns, long start, long end, SortedSet<long>? chosen, CancellationToken cancellation)
    {
        IReadOnlyList<string> names = Require(columns);
        return new TableRows([.. names.Select(name => Metadata.Columns.First(column => column.Name == name)).Select(column => new ResultColumn(column.Name, column.RowType))], Chosen());

        IEnumerable<object?[]> Chosen()
        {
            foreach ((long first, int rows, ColumnData[] group) in TableFiles.Read(Metadata, names, IsWanted, cancellation))
            {
                for (int row = (int)Math.Max(start - first, 0); row < Math.Min(rows, end - first); row++)
                {
                    if (chosen?.Contains(first + row) != false)
                    {
                        yield return Array.ConvertAll(group, column => column[row]);
                    }
                }
            }
        }

        bool IsWanted(long first, int count) => first < end && first + count > start && chosen?.GetViewBetween(first, first + count - 1).Count != 0;
    }

    /// <summary>Names of columns that there are; of all columns where none is given.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    internal IReadOnlyList<string> Require(IReadOnlyList<string>? columns) =>
        columns?.FirstOrDefault(name => Metadata.Columns.All(column => column.Name != name)) is { } unknown
            ? throw new ArgumentException($"{Metadata.Path}: no column '{unknown}'")
            : columns ?? [.. Metadata.Columns.Select(column => column.Name)];
}
