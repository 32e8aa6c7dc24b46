using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Values of a fixed size.</summary>
/// <param name="capacity">Rows it has room for.</param>
/// <param name="missing">What stands in a row without a value.</param>
internal sealed class NumberColumn<T>(int capacity, T missing) : ColumnOf<T>(capacity)
    where T : unmanaged
{
    public override void Take(Vector vector, int rows)
    {
        vector.Values<T>(rows).CopyTo(Values);
        NullMask nulls = vector.Nulls;
        for (int row = 0; nulls.Exists && row < rows; row++)
        {
            if (nulls[row])
            {
                Count = row;
                AddNull();
            }
        }

        Count = rows;
    }

    public override bool IsNonFinite(int row) =>
        !IsNull(row) && Values[row] switch { float number => !float.IsFinite(number), double number => !double.IsFinite(number), _ => false };

    protected override void AddMissing() => Add(missing);

    protected override void GiveValues(Vector vector) => Rows.CopyTo(vector.Values<T>(Count));
}
