using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>A Parquet file of any program, open for a look: rows, statistics, SQL.</summary>
public sealed class Table : IDisposable
{
    private readonly ParquetSession session;

    private Table(ParquetSession session, TableMetadata metadata) => (this.session, Metadata) = (session, metadata);

    /// <summary>What the file says about itself.</summary>
    public TableMetadata Metadata { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no Parquet file, damaged, or its metadata are of a newer format.</exception>
    public static Table Open(string path)
    {
        ParquetSession session = ParquetSession.Open(path);
        try
        {
            return new Table(session, MetadataReader.Read(session, path));
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
    /// <exception cref="InvalidDataException">A file is no Parquet file, or damaged.</exception>
    public static TableRows Sql(IReadOnlyList<string> paths, string query, CancellationToken cancellation = default)
    {
        ParquetSession session = ParquetSession.Open(paths);
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

    /// <summary>The last rows, in the file's order.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Tail(long rows, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default) =>
        session.QueryOfAnyType($"SELECT {Selection(columns)} FROM {Numbered} WHERE file_row_number >= {Metadata.Rows - rows}", cancellation);

    /// <summary>Rows chosen at random, each with the same chance, in the file's order; the same seed chooses the same rows.</summary>
    /// <inheritdoc cref="All"/>
    public TableRows Sample(int rows, ulong seed, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<long> chosen = RowSample.Choose(Metadata.Rows, rows, seed);
        string condition = chosen.Count == Metadata.Rows ? "true" : $"file_row_number IN ({string.Join(", ", chosen)})";
        return session.QueryOfAnyType($"SELECT {Selection(columns)} FROM {Numbered} WHERE {condition}", cancellation);
    }

    /// <summary>Statistics of columns.</summary>
    /// <inheritdoc cref="All"/>
    public IReadOnlyList<ColumnSummary> Describe(IReadOnlyList<string>? columns = null, CancellationToken cancellation = default)
    {
        _ = Selection(columns);
        StoredColumn[] described = [.. Metadata.Columns.Where(column => columns is null || columns.Contains(column.Name))];
        using TableRows result = session.QueryOfAnyType(Summary.Query(described), cancellation);
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
        string computed = string.Join(", ", aggregates.Select(aggregate => aggregate.Sql(aggregate.Column is { } name ? Require(name) : null)));
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

    private string Numbered => ParquetSession.NumberedRelation(Metadata.Path);

    private string Selection(IReadOnlyList<string>? columns) => SqlText.Names(columns?.Select(name => Require(name).Name) ?? Metadata.Columns.Select(column => column.Name));

    private StoredColumn Require(string name) =>
        Metadata.Columns.FirstOrDefault(column => column.Name == name) ?? throw new ArgumentException($"{Metadata.Path}: no column '{name}'");
}
