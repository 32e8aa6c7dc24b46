using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>The statistics of all columns as one query, so that the file is read once.</summary>
internal static class Summary
{
    // Fields a column has in the query's one row, in the order of ColumnSummary from Count on; the quartiles are one list.
    private const int Fields = 8;

    /// <summary>The query.</summary>
    /// <param name="columns">Which are described.</param>
    /// <param name="scales">Of <see cref="ColumnScales"/>.</param>
    public static string Query(IReadOnlyList<StoredColumn> columns, IReadOnlyDictionary<string, string> scales)
    {
        // What is not finite is blanked once: a FILTER of its own for each figure takes three times as long.
        IEnumerable<string> values = columns.SelectMany((column, i) => Values(column, SqlText.Name(column.Name), i));
        IEnumerable<string> fields = columns.SelectMany((column, i) => FieldsOf(column, $"v{i}", $"f{i}", scales.GetValueOrDefault(column.Name)).Select((field, k) => $"{field} AS c{i}_{k}"));
        IEnumerable<string> results = columns.SelectMany((_, i) => Enumerable.Range(0, Fields).Select(k => $"c{i}_{k}").Concat(Enumerable.Range(1, 3).Select(q => $"c{i}_{Fields}[{q}]")));
        return $"""
            SELECT {string.Join(", ", results)}
            FROM (SELECT {string.Join(", ", fields)} FROM (SELECT {string.Join(", ", values)} FROM {ParquetSession.View}))
            """;
    }

    /// <summary>The statistics in the query's row.</summary>
    public static IReadOnlyList<ColumnSummary> Read(IReadOnlyList<StoredColumn> columns, object?[] row) =>
    [
        .. columns.Zip(row.Chunk(Fields + 3), (column, values) => new ColumnSummary(
            column.Name, column.StoredType, (long)values[0]!, (long)values[1]!, (long?)values[2], (long)values[3]!, values[4], values[5],
            (double?)values[6], (double?)values[7], (double?)values[8], (double?)values[9], (double?)values[10])),
    ];

    private static string[] FieldsOf(StoredColumn column, string name, string finite, string? scale)
    {
        bool isText = column.StoredType is "VARCHAR" or "BLOB" or "UUID" || column.StoredType.StartsWith("ENUM", StringComparison.Ordinal);
        bool isTime = column.StoredType.StartsWith("DATE", StringComparison.Ordinal) || column.StoredType.StartsWith("TIME", StringComparison.Ordinal);
        string value =
            IsReal(column) ? finite
            : column.IsNumber || isText || isTime ? name
            : column.StoredType == "BOOLEAN" ? $"CAST({name} AS INTEGER)"
            : column.StoredType.EndsWith("[]", StringComparison.Ordinal) ? $"len({name})"
            : $"len(CAST({name} AS VARCHAR))";
        string Of(string function, string type) => isText || isTime ? $"CAST(NULL AS {type})" : function;
        string Scaled(string function) => scale is null ? $"{function}({value})" : $"{function}({value} / {scale}) * {scale}";
        return
        [
            $"count({name})",
            $"count(*) - count({name})",
            IsReal(column) ? $"count({name}) - count({finite})" : "CAST(NULL AS BIGINT)",
            $"least(approx_count_distinct({name}), count({name}))",
            $"min({value})",
            $"max({value})",
            Of(Scaled("avg"), "DOUBLE"),
            Of(Scaled("stddev_samp"), "DOUBLE"),
            Of($"approx_quantile(CAST({value} AS DOUBLE), [0.25, 0.5, 0.75])", "DOUBLE[]"),
        ];
    }

    private static IEnumerable<string> Values(StoredColumn column, string name, int index) =>
        IsReal(column) ? [$"{name} AS v{index}", $"CASE WHEN isfinite({name}) THEN {name} END AS f{index}"] : [$"{name} AS v{index}"];

    private static bool IsReal(StoredColumn column) => column.StoredType is "FLOAT" or "DOUBLE";
}
