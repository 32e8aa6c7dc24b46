using AdaptiveKv.Data.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Data.Views;

/// <summary>Writes the rows of a view as a table.</summary>
internal static class ParquetSaver
{
    private const string Kind = "view";

    /// <inheritdoc cref="ParquetCatalog.SaveAsParquet"/>
    public static void Save(IDataView data, string path)
    {
        DataViewSchema.Column[] columns = [.. data.Schema.Where(column => !column.IsHidden)];
        TableSchema schema = new(Kind, 1, [.. columns.Select(column => new TableColumn(column.Name, StoredAs(column))
        {
            Unit = ViewAnnotations.Text(column, ViewAnnotations.Unit),
            Description = ViewAnnotations.Text(column, ViewAnnotations.Description),
            Optional = column.Type is KeyDataViewType || column.Type == NumberDataViewType.Single || column.Type == NumberDataViewType.Double,
            AllowsNonFinite = true,
        })]);
        using TableWriter writer = new(path, schema);
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        Action[] adders = [.. columns.Select(column => Adder(cursor, column, writer))];
        while (cursor.MoveNext())
        {
            foreach (Action add in adders)
            {
                add();
            }

            writer.EndRow();
        }

        writer.Complete();
    }

    private static ColumnType StoredAs(DataViewSchema.Column column) => column.Type switch
    {
        KeyDataViewType => ColumnType.Int64,
        BooleanDataViewType => ColumnType.Boolean,
        TextDataViewType => ColumnType.String,
        VectorDataViewType { ItemType: NumberDataViewType item } when item == NumberDataViewType.Single => ColumnType.Float32List,
        NumberDataViewType number when number == NumberDataViewType.Single => ColumnType.Float32,
        NumberDataViewType number when number == NumberDataViewType.Double => ColumnType.Float64,
        NumberDataViewType number when number == NumberDataViewType.Int64 || number == NumberDataViewType.UInt32 => ColumnType.Int64,
        NumberDataViewType number when number != NumberDataViewType.UInt64 => ColumnType.Int32,
        _ => throw new ArgumentException($"column '{column.Name}' holds {column.Type}, which a table of this program has no column for: leave it out (DropColumns), or convert it"),
    };

    private static Action Adder(DataViewRowCursor cursor, DataViewSchema.Column column, TableWriter writer)
    {
        return column.Type switch
        {
            KeyDataViewType when column.Type.RawType == typeof(byte) => Add<byte>(value => AddKey(value)),
            KeyDataViewType when column.Type.RawType == typeof(ushort) => Add<ushort>(value => AddKey(value)),
            KeyDataViewType when column.Type.RawType == typeof(uint) => Add<uint>(value => AddKey(value)),
            KeyDataViewType => Add<ulong>(value => AddKey(value)),
            BooleanDataViewType => Add<bool>(value => writer.Add(value)),
            TextDataViewType => Add<ReadOnlyMemory<char>>(value => writer.Add(value.ToString())),
            VectorDataViewType => Add<VBuffer<float>>(value => writer.Add([.. value.DenseValues()])),
            _ when column.Type.RawType == typeof(float) => Add<float>(value => float.IsNaN(value) ? writer.AddNull() : writer.Add(value)),
            _ when column.Type.RawType == typeof(double) => Add<double>(value => double.IsNaN(value) ? writer.AddNull() : writer.Add(value)),
            _ when column.Type.RawType == typeof(long) => Add<long>(value => writer.Add(value)),
            _ when column.Type.RawType == typeof(uint) => Add<uint>(value => writer.Add((long)value)),
            _ when column.Type.RawType == typeof(sbyte) => Add<sbyte>(value => writer.Add((int)value)),
            _ when column.Type.RawType == typeof(byte) => Add<byte>(value => writer.Add((int)value)),
            _ when column.Type.RawType == typeof(short) => Add<short>(value => writer.Add((int)value)),
            _ when column.Type.RawType == typeof(ushort) => Add<ushort>(value => writer.Add((int)value)),
            _ => Add<int>(value => writer.Add(value)),
        };

        Action Add<T>(Func<T, TableWriter> add)
        {
            ValueGetter<T> get = cursor.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                get(ref value);
                add(value);
            };
        }

        // Keys count from 1; 0 is missing.
        TableWriter AddKey(ulong key) => key == 0 ? writer.AddNull() : writer.Add((long)key - 1);
    }
}
