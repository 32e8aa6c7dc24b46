using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Meta;

namespace AdaptiveKv.Data;

/// <summary>
/// Takes the smallest and largest text of each column out of a row group that was written. Parquet.Net finds them in the order of UTF-16, and readers look groups up in
/// that of UTF-8: with a character beyond U+FFFF among those above U+D7FF they would pass over rows that are there.
/// </summary>
internal static class TextBounds
{
    /// <summary>Removes them from what the footer will say of the group.</summary>
    public static void Remove(ParquetRowGroupWriter group)
    {
        foreach (ColumnMetaData column in Group(group).Columns.Select(chunk => chunk.MetaData!).Where(column => column is { Type: Parquet.Meta.Type.BYTE_ARRAY, Statistics: not null }))
        {
            column.Statistics = new Statistics { NullCount = column.Statistics!.NullCount };
        }
    }

    // Parquet.Net shows what it has written to nobody before the file is whole.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_owGroup")]
    private static extern ref RowGroup Group(ParquetRowGroupWriter writer);
}
