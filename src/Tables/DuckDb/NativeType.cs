namespace AdaptiveKv.Tables.DuckDb;

/// <summary>The types of DuckDB (<c>duckdb_type</c>) that are read and written as they are; queries turn the others into text.</summary>
internal enum NativeType
{
    Boolean = 1,
    Integer = 4,
    BigInt = 5,
    Float = 10,
    Double = 11,
    Text = 17,
    List = 24,
}
