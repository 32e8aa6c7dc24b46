using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>A Parquet file of any program, or several as one table, open for a look: rows, statistics, SQL.</summary>
public sealed class Table : IDisposable
{
    private readonly ParquetSession session;

    private Table(ParquetSession session, TableMetadata metadata) => (this.session, Metadata) = (session, metadata);

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
    public static Table Open(string name, IReadOnlyList<string> paths)
    {
        ParquetSession session = ParquetSession.Open(name, paths);
        try
        {
            return new Table(session, MetadataReader.Read(session));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs a query that only reads over files of the same columns: the view <c>t</c> holds all their rows. Nothing else can be reached.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="FormatException">The query is wrong, does more than read, or needs too much memory.</exception>
    /// <exception cref="InvalidDataException">A file is no Parquet file, damaged, or has other columns than the first.</exception>
    public static TableRows Sql(IReadOnlyList<string> paths, string query, CancellationToken cancellation = default)
    {
        ParquetSession session = ParquetSession.Open(paths is [var single] ? single : $"{paths[0]} and {paths.Count - 1} more", paths);
        try
        {
            return session.UserQuery(query, cancellation);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>All rows.</summary>
    /// <param name="columns">Names; all columns if none is given.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public TableRows All(IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) =>
        session.QueryOfAnyType($"SELECT {Selection(columns)} FROM {ParquetSession.View}", cancellation);

    /// <summary>The first rows.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Head(long rows, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) =>
        session.QueryOfAnyType($"SELECT {Selection(columns)} FROM {ParquetSession.View} LIMIT {rows}", cancellation);

    /// <summary>The last rows, in their order.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Tail(long rows, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) =>
        Numbered(columns, (first, count) => first + count > Metadata.Rows - rows ? $"file_row_number >= {Metadata.Rows - rows - first}" : null, cancellation);

    /// <summary>Rows chosen at random, each with the same chance, in their order; the same seed chooses the same rows.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Sample(int rows, ulong seed, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<long> chosen = RowSample.Choose(Metadata.Rows, rows, seed);
        if (chosen.Count == Metadata.Rows)
        {
            return All(columns, cancellation);
        }

        int next = 0;
        return Numbered(columns, (first, count) =>
        {
            int start = next;
            while (next < chosen.Count && chosen[next] < first + count)
            {
                next++;
            }

            return next == start ? null : $"file_row_number IN ({string.Join(", ", chosen.Skip(start).Take(next - start).Select(row => row - first))})";
        }, cancellation);
    }

    /// <summary>Statistics of columns.</summary>
    /// <inheritdoc cref="All"/>
    public IReadOnlyList<ColumnSummary> Describe(IReadOnlyList<string>? columns = null, CancellationToken cancellation = default)
    {
        _ = Selection(columns);
        StoredColumn[] described = [.. Metadata.Columns.Where(column => columns is null || columns.Contains(column.Name))];
        using TableRows result = session.QueryOfAnyType(Summary.Query(described, ColumnScales.Of(session, described, cancellation)), cancellation);
        return Summary.Read(described, result.Single());
    }

    /// <summary>Aggregates by groups of rows that agree in some columns, in their order.</summary>
    /// <param name="by">The columns that make a group.</param>
    /// <param name="aggregates">What is computed of each group.</param>
    /// <param name="cancellation">As for <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">There is no such column, or it holds no numbers.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public TableRows GroupBy(IReadOnlyList<string> by, IReadOnlyList<Aggregate> aggregates, CancellationToken cancellation = default)
    {
        string keys = Selection(by);
        (Aggregate Aggregate, StoredColumn? Column)[] wanted = [.. aggregates.Select(aggregate => (aggregate, aggregate.Column is { } name ? Require(name) : null))];
        IReadOnlyDictionary<string, string> scales = ColumnScales.Of(session, wanted.Select(one => one.Column).OfType<StoredColumn>().Distinct(), cancellation);
        string computed = string.Join(", ", wanted.Select(one => one.Aggregate.Sql(one.Column, scales.GetValueOrDefault(one.Column?.Name ?? ""))));
        return session.QueryOfAnyType($"SELECT {keys}, {computed} FROM {ParquetSession.View} GROUP BY {keys} ORDER BY {keys}", cancellation);
    }

    /// <summary>The first value of the key that several rows have, how many have it, and how many such values there are; no row where there is none.</summary>
    internal TableRows RepeatedKey(IReadOnlyList<string> key, CancellationToken cancellation) =>
        session.QueryOfAnyType($"""
            SELECT *, count(*) OVER () AS repeated
            FROM (SELECT {Selection(key)}, count(*) AS rows FROM {ParquetSession.View} GROUP BY {Selection(key)} HAVING count(*) > 1)
            ORDER BY {Selection(key)} LIMIT 1
            """, cancellation);

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    // Rows by their number, of the files that have such: the condition takes a file's first row and their count; null for none of it.
    private TableRows Numbered(IReadOnlyList<string>? columns, Func<long, long, string?> condition, CancellationToken cancellation)
    {
        string selection = Selection(columns);
        List<string> parts = [];
        long first = 0;
        foreach (TableFile file in Metadata.Files)
        {
            if (condition(first, file.Rows) is { } rows)
            {
                parts.Add($"SELECT {selection} FROM {ParquetSession.NumberedRelation(file.Path)} WHERE {rows}");
            }

            first += file.Rows;
        }

        return parts.Count == 0 ? Head(0, columns, cancellation) : session.QueryOfAnyType(string.Join(" UNION ALL ", parts), cancellation);
    }

    private string Selection(IReadOnlyList<string>? columns) => SqlText.Names(columns?.Select(name => Require(name).Name) ?? Metadata.Columns.Select(column => column.Name));

    private StoredColumn Require(string name) =>
        Metadata.Columns.FirstOrDefault(column => column.Name == name) ?? throw new ArgumentException($"{Metadata.Path}: no column '{name}'");
}
