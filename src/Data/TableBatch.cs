using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>A run of rows read from a table, by column; it stays as it is when the next one is read.</summary>
public sealed class TableBatch
{
    private readonly IReadOnlyList<string> columns;
    private readonly ColumnData[] data;

    internal TableBatch(IReadOnlyList<string> columns, ColumnData[] data) => (this.columns, this.data) = (columns, data);

    /// <summary>Rows it holds.</summary>
    public int Rows => data[0].Count;

    /// <summary>The values of a column, one a row: int, long, float, double, bool or string, as its type says.</summary>
    /// <remarks>A row without a value holds NaN, null, false or 0; see <see cref="IsNull"/>.</remarks>
    /// <exception cref="ArgumentException">The column was not read, or holds another type.</exception>
    public ReadOnlySpan<T> Values<T>(string column)
    {
        int index = IndexOf(column);
        return data[index] is ColumnOf<T> values
            ? values.Rows
            : throw new ArgumentException($"column '{column}' holds {data[index].ValueType.Name}, not {typeof(T).Name}");
    }

    /// <summary>The elements of one row of a <see cref="ColumnType.Float32List"/>; none where the row has no value.</summary>
    /// <exception cref="ArgumentException">The column was not read, or holds another type.</exception>
    public ReadOnlySpan<float> List(string column, int row)
    {
        int index = IndexOf(column);
        return data[index] is ListColumn lists
            ? lists.List(row)
            : throw new ArgumentException($"column '{column}' holds {data[index].ValueType.Name}, not lists");
    }

    /// <summary>Whether a row has no value in a column.</summary>
    public bool IsNull(string column, int row) => data[IndexOf(column)].IsNull(row);

    private int IndexOf(string column)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (columns[i] == column)
            {
                return i;
            }
        }

        throw new ArgumentException($"column '{column}' was not read: {string.Join(", ", columns)}");
    }
}
