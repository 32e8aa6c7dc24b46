using AdaptiveKv.Data.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Data.Views;

/// <summary>A column of a view: what ML.NET sees of it, and how its values come from columns of the table.</summary>
/// <param name="Name">In the view.</param>
/// <param name="Type">ML.NET's.</param>
/// <param name="Annotations">What it says about itself.</param>
/// <param name="Sources">Names in the table.</param>
/// <param name="Getter">Makes ML.NET's getter of a cursor's rows; the numbers are where the cursor has the <paramref name="Sources"/>.</param>
internal sealed record ViewColumn(string Name, DataViewType Type, DataViewSchema.Annotations Annotations, IReadOnlyList<string> Sources, Func<ParquetCursor, int[], Delegate> Getter)
{
    /// <summary>A column as it is stored.</summary>
    public static ViewColumn Of(string name, StoredColumn stored, DataViewSchema.Annotations annotations)
    {
        (DataViewType type, Func<ParquetCursor, int[], Delegate> getter) = stored.RowType switch
        {
            ColumnType.Int32 => (NumberDataViewType.Int32, Whole<int>(stored.Name)),
            ColumnType.Int64 => (NumberDataViewType.Int64, Whole<long>(stored.Name)),
            ColumnType.Boolean => (BooleanDataViewType.Instance, Whole<bool>(stored.Name)),
            ColumnType.Float32 => (NumberDataViewType.Single, Real<float>),
            ColumnType.Float64 => (NumberDataViewType.Double, Real<double>),
            ColumnType.String => (TextDataViewType.Instance, Text),
            _ => ((DataViewType)new VectorDataViewType(NumberDataViewType.Single), (Func<ParquetCursor, int[], Delegate>)List),
        };
        return new ViewColumn(name, type, annotations, [stored.Name], getter);
    }

    /// <summary>Columns of single-precision numbers as one vector, in their order.</summary>
    public static ViewColumn Vector(string name, IReadOnlyList<string> sources, DataViewSchema.Annotations annotations) =>
        new(name, new VectorDataViewType(NumberDataViewType.Single, sources.Count), annotations, sources, Slots);

    /// <summary>A column of places from 0 as keys, which count from 1.</summary>
    public static ViewColumn Key(string name, string source, int count, DataViewSchema.Annotations annotations) => new(
        name, new KeyDataViewType(typeof(uint), count), annotations, [source], (cursor, places) => (ValueGetter<uint>)((ref uint value) =>
        {
            int place = ((NumberColumn<int>)cursor.Group[places[0]]).Rows[cursor.Row];
            value = place >= 0 && place < count
                ? (uint)place + 1
                : throw new InvalidDataException($"{cursor.Name}: row {cursor.Number}: {source} {place} is none of 0 to {count - 1}: make the file again with 'akv dataset'");
        }));

    private static Func<ParquetCursor, int[], Delegate> Whole<T>(string name)
        where T : unmanaged => (cursor, places) => (ValueGetter<T>)((ref T value) =>
        {
            var column = (NumberColumn<T>)cursor.Group[places[0]];
            value = column.IsNull(cursor.Row)
                ? throw new InvalidDataException($"{cursor.Name}: row {cursor.Number}: column '{name}' has no value, and ML.NET knows no missing {typeof(T).Name}: leave the column out, or fill it in")
                : column.Rows[cursor.Row];
        });

    private static Delegate Real<T>(ParquetCursor cursor, int[] places)
        where T : unmanaged => (ValueGetter<T>)((ref T value) => value = ((NumberColumn<T>)cursor.Group[places[0]]).Rows[cursor.Row]);

    private static Delegate Text(ParquetCursor cursor, int[] places) => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = ((TextColumn)cursor.Group[places[0]]).Rows[cursor.Row].AsMemory());

    private static Delegate List(ParquetCursor cursor, int[] places) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        ReadOnlySpan<float> list = ((ListColumn)cursor.Group[places[0]]).List(cursor.Row);
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, list.Length);
        list.CopyTo(editor.Values);
        value = editor.Commit();
    });

    private static Delegate Slots(ParquetCursor cursor, int[] places) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, places.Length);
        for (int i = 0; i < places.Length; i++)
        {
            editor.Values[i] = ((NumberColumn<float>)cursor.Group[places[i]]).Rows[cursor.Row];
        }

        value = editor.Commit();
    });
}
