using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>A connection; it keeps its database open.</summary>
internal sealed class ConnectionHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.duckdb_disconnect(ref handle);
        return true;
    }
}
