using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>The values of one column in a run of rows, in managed memory: on their way into a file or out of one.</summary>
/// <param name="capacity">Rows it has room for.</param>
internal abstract class ColumnData(int capacity)
{
    private bool[]? nulls;

    /// <summary>Rows it holds.</summary>
    public int Count { get; protected set; }

    /// <summary>An empty column.</summary>
    public static ColumnData Create(ColumnType type, int capacity) => type switch
    {
        ColumnType.Int32 => new NumberColumn<int>(capacity, 0),
        ColumnType.Int64 => new NumberColumn<long>(capacity, 0),
        ColumnType.Float32 => new NumberColumn<float>(capacity, float.NaN),
        ColumnType.Float64 => new NumberColumn<double>(capacity, double.NaN),
        ColumnType.Boolean => new NumberColumn<bool>(capacity, false),
        ColumnType.String => new TextColumn(capacity),
        _ => new ListColumn(capacity),
    };

    /// <summary>Whether a row has no value.</summary>
    public bool IsNull(int row) => nulls is not null && nulls[row];

    /// <summary>Whether a row's value, or an element of it, is NaN or infinite.</summary>
    public virtual bool IsNonFinite(int row) => false;

    /// <summary>Adds a row without a value.</summary>
    public void AddNull()
    {
        (nulls ??= new bool[capacity])[Count] = true;
        AddMissing();
    }

    /// <summary>The value of a row; null where it has none.</summary>
    public object? this[int row] => IsNull(row) ? null : Box(row);

    /// <summary>The type of an array of its values.</summary>
    public abstract Type ArrayType { get; }

    /// <summary>Adds a run of an array of <see cref="ArrayType"/>.</summary>
    public abstract void Add(Array source, int start, int count);

    /// <summary>Copies all rows into a vector of DuckDB.</summary>
    public void Give(Vector vector)
    {
        GiveValues(vector);
        for (int row = 0; nulls is not null && row < Count; row++)
        {
            if (nulls[row])
            {
                vector.SetNull(row);
            }
        }
    }

    /// <summary>Takes the rows of a vector of DuckDB.</summary>
    public abstract void Take(Vector vector, int rows);

    protected abstract object Box(int row);

    /// <summary>Adds the value that stands in a row without one.</summary>
    protected abstract void AddMissing();

    protected abstract void GiveValues(Vector vector);
}
