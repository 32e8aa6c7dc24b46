using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>A prepared statement.</summary>
internal sealed class StatementHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.duckdb_destroy_prepare(ref handle);
        return true;
    }
}
