namespace AdaptiveKv.Tables.DuckDb;

/// <summary>What DuckDB's functions return (<c>duckdb_state</c>).</summary>
internal enum NativeState
{
    Success = 0,
    Error = 1,
}
