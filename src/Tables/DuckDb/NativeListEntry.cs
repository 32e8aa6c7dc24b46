namespace AdaptiveKv.Tables.DuckDb;

/// <summary>The elements of one row of a list vector, in its child vector (<c>duckdb_list_entry</c>).</summary>
internal readonly record struct NativeListEntry(ulong Offset, ulong Length);
