using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data.Sql;

/// <summary>The files of a table, open for SQL as the view <c>t</c> of all their rows in order.</summary>
internal sealed class SqlSession : IDisposable
{
    /// <summary>The view's name.</summary>
    public const string View = "t";

    private readonly Database database;
    private readonly string name;

    private SqlSession(string name, Database database) => (this.name, this.database) = (name, database);

    /// <summary>The columns of the view, with DuckDB's names of their types.</summary>
    public IReadOnlyList<StoredColumn> Columns { get; private set; } = [];

    /// <summary>Opens a table's files.</summary>
    /// <exception cref="InvalidDataException">DuckDB cannot read one.</exception>
    public static SqlSession Open(TableMetadata table)
    {
        string[] paths = [.. table.Files.Select(file => file.Path)];
        SqlSession session = new(table.Path, Database.Open(paths));
        try
        {
            // A folder called split=train is a folder, and no column.
            session.database.Execute($"CREATE VIEW {View} AS FROM read_parquet({SqlText.Files(paths)}, hive_partitioning = false)");
            session.Columns = session.Describe($"FROM {View}");
            return session;
        }
        catch (Exception exception)
        {
            session.Dispose();
            throw exception is SqlFault fault ? session.Damage(fault) : exception;
        }
    }

    /// <summary>Starts a query of this program's own; the rows own this session.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public TableRows Query(string sql, CancellationToken cancellation) => Run(sql, Damage, cancellation);

    /// <summary>Starts a query of the user's; the rows own this session.</summary>
    /// <exception cref="FormatException">It is wrong, does more than read, or needs too much memory.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public TableRows UserQuery(string sql, CancellationToken cancellation) => Run(sql, UserFault, cancellation);

    /// <summary>The one row of a query of this program's own.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public object?[] Row(string sql, CancellationToken cancellation) => Run(sql, Damage, cancellation).Single();

    public void Dispose() => database.Dispose();

    private TableRows Run(string sql, Func<SqlFault, Exception> meaning, CancellationToken cancellation)
    {
        try
        {
            string query = sql.TrimEnd().TrimEnd(';');
            // On its own first: what is no single statement must not become one by the parentheses around it.
            database.RequireOneStatement(query);
            StoredColumn[] columns = Describe(query);
            // In parentheses stands nothing but a query; and whatever rows cannot hold is cast to what they can.
            string values = string.Join(", ", columns.Select((column, index) => $"{Cast(column, $"#{index + 1}")} AS {SqlText.Name(column.Name)}"));
            IEnumerable<object?[]> rows = database.Query($"SELECT {values} FROM ({query}\n)", cancellation).Rows;
            return new TableRows([.. columns.Select(column => new ResultColumn(column.Name, column.RowType))], Guarded(rows, meaning), this);
        }
        catch (SqlFault fault)
        {
            throw meaning(fault);
        }
    }

    private StoredColumn[] Describe(string query) =>
        [.. database.Query($"SELECT column_name, column_type FROM (DESCRIBE ({query}\n))", default).Rows.Select(row => new StoredColumn((string)row[0]!, (string)row[1]!))];

    private static IEnumerable<object?[]> Guarded(IEnumerable<object?[]> rows, Func<SqlFault, Exception> meaning)
    {
        using IEnumerator<object?[]> next = rows.GetEnumerator();
        while (true)
        {
            try
            {
                if (!next.MoveNext())
                {
                    yield break;
                }
            }
            catch (SqlFault fault)
            {
                throw meaning(fault);
            }

            yield return next.Current;
        }
    }

    private static string Cast(StoredColumn column, string value) => column.Type is not null ? value : column.RowType switch
    {
        ColumnType.Int32 => $"CAST({value} AS INTEGER)",
        ColumnType.Int64 => $"CAST({value} AS BIGINT)",
        ColumnType.Float64 => $"CAST({value} AS DOUBLE)",
        _ => $"CAST({value} AS VARCHAR)",
    };

    /// <summary>What an error says about a query of the user's.</summary>
    private Exception UserFault(SqlFault fault) =>
        fault.IsOfTheFile ? Damage(fault)
        : fault.Kind == "Out of Memory" ? new FormatException($"the query needs more than {Database.Memory >> 20} MiB: aggregate or filter before sorting and joining", fault)
        : new FormatException($"the query is refused ({fault.Kind}): {fault.Message}", fault);

    /// <summary>What an error says about the files, where the query itself is right.</summary>
    private InvalidDataException Damage(SqlFault fault) => new(fault.Kind switch
    {
        _ when fault.IsUnsupported => $"{name}: not supported: {fault.Message}",
        "Out of Memory" => $"{name}: reading it needs more than {Database.Memory >> 20} MiB, or it is damaged: {fault.Message}",
        "Out of Range" => $"{name}: its numbers are too large for this statistic: {fault.Message}",
        _ => $"{name}: damaged, or no Parquet file that can be read: {fault.Message}",
    }, fault);
}
