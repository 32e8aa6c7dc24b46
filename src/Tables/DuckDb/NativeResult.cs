using System.Runtime.InteropServices;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>A result as the C API passes it around (<c>duckdb_result</c>): five fields that are out of use, then DuckDB's own pointer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeResult
{
    private readonly ulong columnCount;
    private readonly ulong rowCount;
    private readonly ulong rowsChanged;
    private readonly nint columns;
    private readonly nint errorMessage;
    private readonly nint content;
}
