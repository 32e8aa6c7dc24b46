using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>A database; the last one of its connections that is closed frees it.</summary>
internal sealed class DatabaseHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.duckdb_close(ref handle);
        return true;
    }
}
