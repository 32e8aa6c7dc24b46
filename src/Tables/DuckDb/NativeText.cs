using System.Runtime.InteropServices;
using System.Text;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>
/// Text in a vector (<c>duckdb_string_t</c>, 16 bytes): the length, then up to 12 bytes of UTF-8 in place, or 4 of them and a pointer to all.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal readonly unsafe struct NativeText
{
    private const int LongestInPlace = 12;

    [FieldOffset(0)]
    private readonly int length;

    [FieldOffset(4)]
    private readonly byte first;

    [FieldOffset(8)]
    private readonly byte* pointer;

    public override string ToString()
    {
        fixed (byte* inPlace = &first)
        {
            return Encoding.UTF8.GetString(length <= LongestInPlace ? inPlace : pointer, length);
        }
    }
}
