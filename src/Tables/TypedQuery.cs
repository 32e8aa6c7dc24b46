using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>A query whose columns have types that rows can hold: whatever else DuckDB computes is cast to the nearest of them, or to text.</summary>
internal static class TypedQuery
{
    /// <summary>Starts the query.</summary>
    /// <exception cref="DuckDbException">It is no single SELECT, or something in it is wrong.</exception>
    public static ResultStream Start(Database database, string sql, CancellationToken cancellation)
    {
        string query = sql.TrimEnd().TrimEnd(';');
        // On its own first: what is no single SELECT must not become one by the parentheses around it.
        database.RequireSelect(query);
        IReadOnlyList<StoredColumn> columns = Describe(database, query);
        string casts = string.Join(", ", columns.Select((column, index) => $"{Cast(column, $"#{index + 1}")} AS {SqlText.Name(column.Name)}"));
        return database.Query(columns.All(column => column.Type is not null) ? query : $"SELECT {casts} FROM ({query}\n)", cancellation);
    }

    private static StoredColumn[] Describe(Database database, string query)
    {
        using var rows = new TableRows(database.Query($"SELECT column_name, column_type FROM (DESCRIBE ({query}\n))"), exception => exception);
        return [.. rows.Select(row => new StoredColumn((string)row[0]!, (string)row[1]!))];
    }

    private static string Cast(StoredColumn column, string value) => column.Type is not null ? value : column.StoredType switch
    {
        "TINYINT" or "SMALLINT" or "UTINYINT" or "USMALLINT" => $"CAST({value} AS INTEGER)",
        "UINTEGER" => $"CAST({value} AS BIGINT)",
        "HUGEINT" or "UHUGEINT" => $"CAST({value} AS DOUBLE)",
        var type when type.StartsWith("DECIMAL", StringComparison.Ordinal) => $"CAST({value} AS DOUBLE)",
        _ => $"CAST({value} AS VARCHAR)",
    };
}
