using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data.Sql;

/// <summary>The statistics of all columns as one query, so that the file is read once.</summary>
internal static class Summary
{
    // Fields a column has in the query's one row, in the order of ColumnSummary from Count on; the quartiles are one list.
    private const int Fields = 8;

    /// <summary>Computes them.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static IReadOnlyList<ColumnSummary> Of(SqlSession session, IReadOnlyList<StoredColumn> columns, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> scales = ColumnScales.Of(session, columns, cancellation);
        // What is not finite is blanked once: a FILTER of its own for each figure takes three times as long.
        IEnumerable<string> values = columns.SelectMany((column, i) => Values(column, SqlText.Name(column.Name), i));
        IEnumerable<string> fields = columns.SelectMany((column, i) => FieldsOf(column, $"v{i}", $"f{i}", scales.GetValueOrDefault(column.Name)).Select((field, k) => $"{field} AS c{i}_{k}"));
        IEnumerable<string> results = columns.SelectMany((_, i) => Enumerable.Range(0, Fields).Select(k => $"c{i}_{k}").Concat(Enumerable.Range(1, 3).Select(q => $"c{i}_{Fields}[{q}]")));
        object?[] row = session.Row($"""
            SELECT {string.Join(", ", results)}
            FROM (SELECT {string.Join(", ", fields)} FROM (SELECT {string.Join(", ", values)} FROM {SqlSession.View}))
            """, cancellation);
        return
        [
            .. columns.Zip(row.Chunk(Fields + 3), (column, one) => new ColumnSummary(
                column.Name, column.StoredType, (long)one[0]!, (long)one[1]!, (long?)one[2], (long)one[3]!, one[4], one[5],
                (double?)one[6], (double?)one[7], (double?)one[8], (double?)one[9], (double?)one[10])),
        ];
    }

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
