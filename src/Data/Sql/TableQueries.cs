namespace AdaptiveKv.Data.Sql;

/// <summary>Statistics of tables and SQL over them; they need DuckDB's library (<see cref="DuckDbLibrary"/>).</summary>
public static class TableQueries
{
    /// <summary>Statistics of columns.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Names; all columns if none is given.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyList<ColumnSummary> Describe(this Table table, IReadOnlyList<string>? columns = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<string> names = table.Require(columns);
        using SqlSession session = SqlSession.Open(table.Metadata);
        return Summary.Of(session, [.. session.Columns.Where(column => names.Contains(column.Name))], cancellation);
    }

    /// <summary>Aggregates by groups of rows that agree in some columns, in their order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="by">The columns that make a group.</param>
    /// <param name="aggregates">What is computed of each group.</param>
    /// <param name="cancellation">As for <see cref="Describe"/>.</param>
    /// <exception cref="ArgumentException">There is no such column, or it holds no numbers.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static TableRows GroupBy(this Table table, IReadOnlyList<string> by, IReadOnlyList<Aggregate> aggregates, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        string keys = SqlText.Names(table.Require(by));
        table.Require([.. aggregates.Select(aggregate => aggregate.Column).OfType<string>()]);
        return Query(table, session => session.Query($"SELECT {keys}, {Aggregate.Sql(aggregates, session, cancellation)} FROM {SqlSession.View} GROUP BY {keys} ORDER BY {keys}", cancellation));
    }

    /// <summary>Runs a query that only reads: the view <c>t</c> holds all rows. Nothing else can be reached.</summary>
    /// <exception cref="FormatException">The query is wrong, does more than read, or needs too much memory.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static TableRows Sql(this Table table, string query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Query(table, session => session.UserQuery(query, cancellation));
    }

    // The rows end the session.
    private static TableRows Query(Table table, Func<SqlSession, TableRows> query)
    {
        SqlSession session = SqlSession.Open(table.Metadata);
        try
        {
            return query(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
