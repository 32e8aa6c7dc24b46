using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Texts.</summary>
/// <param name="capacity">Rows it has room for.</param>
internal sealed class TextColumn(int capacity) : ColumnOf<string?>(capacity)
{
    public override void Take(Vector vector, int rows)
    {
        Span<NativeText> texts = vector.Values<NativeText>(rows);
        NullMask nulls = vector.Nulls;
        for (int row = 0; row < rows; row++)
        {
            if (nulls[row])
            {
                AddNull();
            }
            else
            {
                Add(texts[row].ToString());
            }
        }
    }

    protected override void AddMissing() => Add(null);

    protected override void GiveValues(Vector vector)
    {
        for (int row = 0; row < Count; row++)
        {
            if (Values[row] is { } text)
            {
                vector.SetText(row, text);
            }
        }
    }
}
