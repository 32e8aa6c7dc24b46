using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>The values of one column in a run of rows, on their way into a file or out of one.</summary>
internal abstract class ColumnData
{
    private const int LeastCapacity = 64;

    private bool[] nulls = [];

    /// <summary>Rows it holds.</summary>
    public int Count { get; protected set; }

    /// <summary>The type of its values.</summary>
    public abstract Type ValueType { get; }

    /// <summary>The value of a row; null where it has none.</summary>
    public object? this[int row] => IsNull(row) ? null : Box(row);

    /// <summary>An empty column.</summary>
    public static ColumnData Create(ColumnType type) => type switch
    {
        ColumnType.Int32 => new NumberColumn<int>(0),
        ColumnType.Int64 => new NumberColumn<long>(0),
        ColumnType.Float32 => new NumberColumn<float>(float.NaN),
        ColumnType.Float64 => new NumberColumn<double>(double.NaN),
        ColumnType.Boolean => new NumberColumn<bool>(false),
        ColumnType.String => new TextColumn(),
        _ => new ListColumn(),
    };

    /// <summary>Whether a row has no value.</summary>
    public bool IsNull(int row) => row < nulls.Length && nulls[row];

    /// <summary>Whether a row's value, or an element of it, is NaN or infinite.</summary>
    public virtual bool IsNonFinite(int row) => false;

    /// <summary>Adds a row without a value.</summary>
    public void AddNull()
    {
        MarkNull(Count);
        AddMissing();
    }

    /// <summary>Writes all rows as the next column of a row group.</summary>
    public abstract Task Write(ParquetRowGroupWriter group, Field field);

    protected abstract object Box(int row);

    /// <summary>Adds the value that stands in a row without one.</summary>
    protected abstract void AddMissing();

    protected void MarkNull(int row)
    {
        nulls = WithRoom(nulls, row);
        nulls[row] = true;
    }

    /// <summary>The array, or a longer one of the same values that has an element of this index.</summary>
    protected static T[] WithRoom<T>(T[] array, int index)
    {
        if (index >= array.Length)
        {
            Array.Resize(ref array, Math.Max(LeastCapacity, 2 * index));
        }

        return array;
    }
}
