using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>The statistics of all columns as one query, so that the file is read once.</summary>
internal static class Summary
{
    // Fields a column has in the query's one row, in the order of ColumnSummary from Count on; the quartiles are one list.
    private const int Fields = 8;

    /// <summary>The query.</summary>
    public static string Query(IReadOnlyList<StoredColumn> columns)
    {
        IEnumerable<string> fields = columns.SelectMany((column, i) => FieldsOf(column).Select((field, k) => $"{field} AS c{i}_{k}"));
        IEnumerable<string> results = columns.SelectMany((_, i) => Enumerable.Range(0, Fields).Select(k => $"c{i}_{k}").Concat(Enumerable.Range(1, 3).Select(q => $"c{i}_{Fields}[{q}]")));
        return $"SELECT {string.Join(", ", results)} FROM (SELECT {string.Join(", ", fields)} FROM {ParquetSession.View})";
    }

    /// <summary>The statistics in the query's row.</summary>
    public static IReadOnlyList<ColumnSummary> Read(IReadOnlyList<StoredColumn> columns, object?[] row) =>
    [
        .. columns.Zip(row.Chunk(Fields + 3), (column, values) => new ColumnSummary(
            column.Name, column.StoredType, (long)values[0]!, (long)values[1]!, (long?)values[2], (long)values[3]!, values[4], values[5],
            (double?)values[6], (double?)values[7], (double?)values[8], (double?)values[9], (double?)values[10])),
    ];

    private static string[] FieldsOf(StoredColumn column)
    {
        string name = SqlText.Name(column.Name);
        bool isReal = column.StoredType is "FLOAT" or "DOUBLE";
        bool isText = column.StoredType is "VARCHAR" or "BLOB" or "UUID" || column.StoredType.StartsWith("ENUM", StringComparison.Ordinal);
        bool isTime = column.StoredType.StartsWith("DATE", StringComparison.Ordinal) || column.StoredType.StartsWith("TIME", StringComparison.Ordinal);
        string value =
            column.IsNumber || isText || isTime ? name
            : column.StoredType == "BOOLEAN" ? $"CAST({name} AS INTEGER)"
            : column.StoredType.EndsWith("[]", StringComparison.Ordinal) ? $"len({name})"
            : $"len(CAST({name} AS VARCHAR))";
        string finite = isReal ? $" FILTER (WHERE isfinite({name}))" : "";
        string Of(string function, string type) => isText || isTime ? $"CAST(NULL AS {type})" : $"{function}{finite}";
        return
        [
            $"count({name})",
            $"count(*) - count({name})",
            isReal ? $"count(*) FILTER (WHERE NOT isfinite({name}))" : "CAST(NULL AS BIGINT)",
            $"least(approx_count_distinct({name}), count({name}))",
            $"min({value}){finite}",
            $"max({value}){finite}",
            Of($"avg({value})", "DOUBLE"),
            Of($"stddev_samp({value})", "DOUBLE"),
            Of($"approx_quantile(CAST({value} AS DOUBLE), [0.25, 0.5, 0.75])", "DOUBLE[]"),
        ];
    }
}
