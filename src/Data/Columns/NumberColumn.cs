using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>Values of a fixed size.</summary>
/// <param name="missing">What stands in a row without a value.</param>
internal sealed class NumberColumn<T>(T missing) : ColumnOf<T>
    where T : unmanaged
{
    /// <summary>Takes the values of a row group as they are.</summary>
    /// <param name="values">Those that are there, in an array as long as all rows, which becomes the column's own.</param>
    /// <param name="levels">A level a row; null where all rows have a value.</param>
    /// <param name="present">The level of a row that has one.</param>
    public void Take(T[] values, int[]? levels, int present)
    {
        (Values, Count) = (values, values.Length);
        int next = levels.AsSpan().Count(present);
        for (int row = values.Length - 1; levels is not null && row >= 0; row--)
        {
            if (levels[row] == present)
            {
                values[row] = values[--next];
            }
            else
            {
                values[row] = missing;
                MarkNull(row);
            }
        }
    }

    public override bool IsNonFinite(int row) =>
        !IsNull(row) && Values[row] switch { float number => !float.IsFinite(number), double number => !double.IsFinite(number), _ => false };

    public override Task Write(ParquetRowGroupWriter group, Field field) => Write(group, field, value => value);

    protected override void AddMissing() => Add(missing);
}
