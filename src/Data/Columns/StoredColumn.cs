using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AdaptiveKv.Data.Columns;

/// <summary>A column as a file or a query's result has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="StoredType">The name of its type in SQL ("FLOAT[]", "TIMESTAMP").</param>
public sealed partial record StoredColumn(string Name, string StoredType)
{
    /// <summary>The type a table of this program has for it; null where there is none.</summary>
    public ColumnType? Type => StoredType switch
    {
        "INTEGER" => ColumnType.Int32,
        "BIGINT" => ColumnType.Int64,
        "FLOAT" => ColumnType.Float32,
        "DOUBLE" => ColumnType.Float64,
        "VARCHAR" => ColumnType.String,
        "BOOLEAN" => ColumnType.Boolean,
        "FLOAT[]" => ColumnType.Float32List,
        _ => null,
    };

    /// <summary>What its values become in rows: the nearest type that a table of this program has, or text.</summary>
    [JsonIgnore]
    public ColumnType RowType => Type ?? StoredType switch
    {
        "TINYINT" or "SMALLINT" or "UTINYINT" or "USMALLINT" => ColumnType.Int32,
        "UINTEGER" => ColumnType.Int64,
        "HUGEINT" or "UHUGEINT" => ColumnType.Float64,
        _ when StoredType.StartsWith("DECIMAL", StringComparison.Ordinal) && !StoredType.EndsWith(']') => ColumnType.Float64,
        _ => ColumnType.String,
    };

    /// <summary>Whether it holds numbers of any width.</summary>
    [JsonIgnore]
    public bool IsNumber => Number().IsMatch(StoredType);

    [GeneratedRegex("^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL[^\\[]*)$")]
    private static partial Regex Number();
}
