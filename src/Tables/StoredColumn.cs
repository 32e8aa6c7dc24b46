using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AdaptiveKv.Tables;

/// <summary>A column as a file or a query's result has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="StoredType">DuckDB's name of its type ("FLOAT[]", "TIMESTAMP").</param>
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

    /// <summary>Whether it holds numbers of any width.</summary>
    [JsonIgnore]
    public bool IsNumber => Number().IsMatch(StoredType);

    [GeneratedRegex("^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL.*)$")]
    private static partial Regex Number();
}
