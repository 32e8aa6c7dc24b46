using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Parquet files that are open for reading, as the SQL view <c>t</c> of all their rows in order.</summary>
internal sealed class ParquetSession : IDisposable
{
    /// <summary>The view's name.</summary>
    public const string View = "t";

    // A folder called split=train is a folder, and no column.
    private const string NoFolders = "hive_partitioning = false";

    private readonly Database database;

    private ParquetSession(string name, IReadOnlyList<string> paths, Database database) => (Name, Paths, this.database) = (name, paths, database);

    /// <summary>The file, or what all of them are as one table.</summary>
    public string Name { get; }

    /// <summary>The files, in the order of their rows.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The files as a list in SQL.</summary>
    public string Files => SqlText.Files(Paths);

    /// <summary>The columns that every file has.</summary>
    public IReadOnlyList<StoredColumn> Columns { get; private set; } = [];

    /// <summary>Opens files of the same columns.</summary>
    /// <param name="name">What they are as one table, for messages.</param>
    /// <param name="paths">One or more.</param>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="InvalidDataException">One is no Parquet file, damaged, or has other columns than the first.</exception>
    public static ParquetSession Open(string name, IReadOnlyList<string> paths)
    {
        foreach (string path in paths)
        {
            ParquetFrame.Require(path);
        }

        var session = new ParquetSession(name, paths, Database.Open(paths));
        try
        {
            session.RequireSameColumns();
            using ConnectionHandle connection = session.database.Connect();
            Database.Execute(connection, $"CREATE VIEW {View} AS FROM read_parquet({session.Files}, {NoFolders})");
            return session;
        }
        catch (Exception exception)
        {
            session.Dispose();
            throw exception is DuckDbException fault ? session.Damage(fault) : exception;
        }
    }

    /// <summary>The rows of a file in SQL, with their number in the file as a column <c>file_row_number</c>.</summary>
    public static string NumberedRelation(string path) => $"read_parquet({SqlText.Files([path])}, {NoFolders}, file_row_number = true)";

    /// <summary>Starts a query of this program's own over columns of known types.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public TableRows Query(string sql, CancellationToken cancellation = default)
    {
        try
        {
            return new TableRows(database.Query(sql, cancellation), Damage);
        }
        catch (DuckDbException exception)
        {
            throw Damage(exception);
        }
    }

    /// <summary>Starts a query of this program's own over columns of any types.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public TableRows QueryOfAnyType(string sql, CancellationToken cancellation)
    {
        try
        {
            return new TableRows(TypedQuery.Start(database, sql, cancellation), Damage);
        }
        catch (DuckDbException exception)
        {
            throw Damage(exception);
        }
    }

    /// <summary>Starts a query of the user's; the rows own this session.</summary>
    /// <exception cref="FormatException">It is wrong, does more than read, or needs too much memory.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public TableRows UserQuery(string sql, CancellationToken cancellation)
    {
        try
        {
            return new TableRows(TypedQuery.Start(database, sql, cancellation), UserFault, this);
        }
        catch (DuckDbException exception)
        {
            throw UserFault(exception);
        }
    }

    /// <summary>What an error says about a query of the user's.</summary>
    private Exception UserFault(DuckDbException exception) =>
        exception.IsOfTheFile ? Damage(exception)
        : exception.Kind == "Out of Memory" ? new FormatException($"the query needs more than {Database.Memory >> 20} MiB: aggregate or filter before sorting and joining", exception)
        : new FormatException($"the query is refused ({exception.Kind}): {exception.Message}", exception);

    /// <summary>What an error says about the files, where the query itself is right.</summary>
    private InvalidDataException Damage(DuckDbException exception) => new(exception.Kind switch
    {
        _ when exception.IsUnsupported => $"{Name}: not supported: {exception.Message}",
        "Out of Memory" => $"{Name}: reading it needs more than {Database.Memory >> 20} MiB, or it is damaged: {exception.Message}",
        "Out of Range" => $"{Name}: its numbers are too large for this statistic: {exception.Message}",
        _ => $"{Name}: damaged, or no Parquet file that can be read: {exception.Message}",
    }, exception);

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    // DuckDB would take the first file's columns, and cast or leave out what others have.
    private void RequireSameColumns()
    {
        Columns = ColumnsOf(Paths[0]);
        foreach (string path in Paths.Skip(1))
        {
            IReadOnlyList<StoredColumn> columns = ColumnsOf(path);
            if (!columns.SequenceEqual(Columns))
            {
                throw new InvalidDataException($"{path}: {Difference(columns)} {Paths[0]}: all files of one table must have the same columns");
            }
        }
    }

    private StoredColumn[] ColumnsOf(string path)
    {
        using TableRows rows = Query($"SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet({SqlText.Files([path])}, {NoFolders}))");
        StoredColumn[] columns = [.. rows.Select(row => new StoredColumn((string)row[0]!, (string)row[1]!))];
        RequireStoredNames(path, columns);
        return columns;
    }

    // DuckDB, to which case means nothing, gives the later ones of such columns names of its own.
    private void RequireStoredNames(string path, StoredColumn[] columns)
    {
        using TableRows rows = Query($"SELECT name FROM parquet_schema({SqlText.Files([path])})");
        HashSet<string> stored = [.. rows.Select(row => (string)row[0]!)];
        if (Array.Find(columns, column => !stored.Contains(column.Name)) is { } renamed)
        {
            throw new InvalidDataException($"{path}: not supported: two of its columns have one name, or names that differ only by case ('{renamed.Name}' would be the second's): rename one of them");
        }
    }

    private string Difference(IReadOnlyList<StoredColumn> columns)
    {
        int at = Enumerable.Range(0, Math.Min(columns.Count, Columns.Count)).FirstOrDefault(i => columns[i] != Columns[i], -1);
        return at < 0 ? $"{columns.Count} columns instead of the {Columns.Count} of"
            : $"column {at + 1} is '{columns[at].Name}' ({columns[at].StoredType}) instead of '{Columns[at].Name}' ({Columns[at].StoredType}) of";
    }
}
