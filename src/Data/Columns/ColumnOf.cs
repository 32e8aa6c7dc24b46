using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>Values that are kept in an array, one a row.</summary>
internal abstract class ColumnOf<T> : ColumnData
{
    /// <summary>The values so far.</summary>
    public ReadOnlySpan<T> Rows => Values.AsSpan(0, Count);

    public override Type ValueType => typeof(T);

    protected T[] Values { get; set; } = [];

    /// <summary>Adds one row.</summary>
    public void Add(T value)
    {
        Values = WithRoom(Values, Count);
        Values[Count++] = value;
    }

    protected override object Box(int row) => Values[row]!;

    /// <summary>Writes the values that are there, in the form the file has, and the level of each row where the column may lack some: 0 without a value, 1 with one.</summary>
    protected Task Write<TStored>(ParquetRowGroupWriter group, Field field, Func<T, TStored> convert)
        where TStored : struct
    {
        var stored = new TStored[Count];
        int[]? levels = field.MaxDefinitionLevel == 0 ? null : new int[Count];
        int present = 0;
        for (int row = 0; row < Count; row++)
        {
            if (levels is null || !IsNull(row))
            {
                stored[present++] = convert(Values[row]);
                _ = levels?[row] = 1;
            }
        }

        return group.WriteAllPartsAsync<TStored>((DataField)field, stored.AsMemory(0, present), levels is null ? (ReadOnlyMemory<int>?)null : levels, null, default);
    }
}

/// <summary>Texts.</summary>
internal sealed class TextColumn : ColumnOf<string?>
{
    public override Task Write(ParquetRowGroupWriter group, Field field) => Write(group, field, text => text.AsMemory());

    protected override void AddMissing() => Add((string?)null);
}
