using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Parquet files that are open for reading, as the SQL view <c>t</c> of all their rows in order.</summary>
internal sealed class ParquetSession : IDisposable
{
    /// <summary>The view's name.</summary>
    public const string View = "t";

    private readonly string name;
    private readonly Database database;

    private ParquetSession(string name, Database database) => (this.name, this.database) = (name, database);

    /// <summary>Opens files of the same columns.</summary>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="InvalidDataException">One is no Parquet file, or damaged.</exception>
    public static ParquetSession Open(params IReadOnlyList<string> paths)
    {
        foreach (string path in paths)
        {
            ParquetFrame.Require(path);
        }

        var session = new ParquetSession(paths is [var single] ? single : $"{paths[0]} and {paths.Count - 1} more", Database.Open(paths));
        try
        {
            using ConnectionHandle connection = session.database.Connect();
            Database.Execute(connection, $"CREATE VIEW {View} AS FROM {Relation(paths)}");
            return session;
        }
        catch (DuckDbException exception)
        {
            session.Dispose();
            throw session.Damage(exception);
        }
    }

    /// <summary>The rows of a file in SQL, with their number in the file as a column of their own.</summary>
    public static string NumberedRelation(string path) => $"read_parquet({SqlText.Literal(Path.GetFullPath(path))}, file_row_number = true)";

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
        "Out of Memory" => $"{name}: reading it needs more than {Database.Memory >> 20} MiB, or it is damaged: {exception.Message}",
        "Out of Range" => $"{name}: its numbers are too large for this statistic: {exception.Message}",
        _ => $"{name}: damaged, or no Parquet file that can be read: {exception.Message}",
    }, exception);

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    private static string Relation(IReadOnlyList<string> paths) => $"read_parquet({SqlText.List(paths.Select(Path.GetFullPath))})";
}
