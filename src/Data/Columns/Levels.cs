using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>
/// A column of a row group as Parquet stores it: the values that are there, and for each place its definition level (how much of its path is there) and
/// repetition level (0 begins a row).
/// </summary>
/// <typeparam name="T">Of the stored values.</typeparam>
internal sealed class Levels<T>
    where T : struct
{
    private readonly T[] values;
    private readonly int[]? definitions;
    private readonly int[]? repetitions;
    private readonly int present;
    private readonly int rows;

    private Levels(T[] values, int[]? definitions, int[]? repetitions, int present, int rows) =>
        (this.values, this.definitions, this.repetitions, this.present, this.rows) = (values, definitions, repetitions, present, rows);

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">It has not as many values as the group has rows.</exception>
    /// <exception cref="NotSupportedException">It is encrypted, or compressed in another way.</exception>
    public static Levels<T> Read(ParquetRowGroupReader group, DataField leaf)
    {
        ColumnChunk chunk = group.GetMetadata(leaf) ?? throw new InvalidDataException($"column '{leaf.Path}' is not in all of its row groups");
        if (chunk is { CryptoMetadata: not null } or { MetaData: null })
        {
            throw new NotSupportedException($"column '{leaf.Path}' is encrypted");
        }

        if (chunk.MetaData.Codec == CompressionCodec.LZO || !Enum.IsDefined(chunk.MetaData.Codec))
        {
            throw new NotSupportedException($"column '{leaf.Path}' is compressed with {chunk.MetaData.Codec}");
        }

        long count = chunk.MetaData.NumValues;
        int rows = checked((int)group.RowCount);
        if (count < 0 || (leaf.MaxRepetitionLevel == 0 && count != rows))
        {
            throw new InvalidDataException($"column '{leaf.Path}' has {count} values in a group of {rows} rows");
        }

        var values = new T[count];
        int[]? definitions = leaf.MaxDefinitionLevel > 0 ? new int[count] : null;
        int[]? repetitions = leaf.MaxRepetitionLevel > 0 ? new int[count] : null;
        group.ReadRawAsync(leaf, values.AsMemory(), definitions is null ? (Memory<int>?)null : definitions, repetitions is null ? (Memory<int>?)null : repetitions).AsTask().GetAwaiter().GetResult();
        return repetitions is not null && repetitions.AsSpan().Count(0) != rows
            ? throw new InvalidDataException($"column '{leaf.Path}' has {repetitions.AsSpan().Count(0)} lists in a group of {rows} rows")
            : new Levels<T>(values, definitions, repetitions, leaf.MaxDefinitionLevel, rows);
    }

    /// <summary>The values as numbers, one a row.</summary>
    public NumberColumn<TNumber> Numbers<TNumber>(Func<T, TNumber> convert, TNumber missing)
        where TNumber : unmanaged
    {
        NumberColumn<TNumber> column = new(missing);
        column.Take((object)values as TNumber[] ?? Array.ConvertAll(values, value => convert(value)), definitions, present);
        return column;
    }

    /// <summary>The values as texts, one a row.</summary>
    public TextColumn Texts(Func<T, string> convert)
    {
        TextColumn column = new();
        int next = 0;
        for (int row = 0; row < rows; row++)
        {
            if (definitions is null || definitions[row] == present)
            {
                column.Add(convert(values[next++]));
            }
            else
            {
                column.AddNull();
            }
        }

        return column;
    }

    /// <summary>The values as lists of numbers; an element without a value is NaN.</summary>
    /// <param name="element">The definition level from which on there is an element.</param>
    public ListColumn Lists(int element)
    {
        ListColumn column = new();
        List<float> list = [];
        float[] numbers = (float[])(object)values;
        ForEachRow(element, index => list.Add(index < 0 ? float.NaN : numbers[index]), isNull =>
        {
            if (isNull)
            {
                column.AddNull();
            }
            else
            {
                column.Add([.. list]);
            }

            list.Clear();
        });
        return column;
    }

    /// <summary>The values as texts of whole lists: [a, NULL].</summary>
    /// <inheritdoc cref="Lists"/>
    public TextColumn TextsOfLists(Func<T, string> convert, int element)
    {
        TextColumn column = new();
        List<string> list = [];
        ForEachRow(element, index => list.Add(index < 0 ? "NULL" : convert(values[index])), isNull =>
        {
            if (isNull)
            {
                column.AddNull();
            }
            else
            {
                column.Add($"[{string.Join(", ", list)}]");
            }

            list.Clear();
        });
        return column;
    }

    // Calls back for each element, with the index of its value or -1, and after each row.
    private void ForEachRow(int element, Action<int> add, Action<bool> endRow)
    {
        int next = 0;
        for (int place = 0; place < definitions!.Length;)
        {
            bool isNull = definitions[place] < element - 1;
            do
            {
                if (definitions[place] >= element)
                {
                    add(definitions[place] == present ? next++ : -1);
                }

                place++;
            }
            while (place < definitions.Length && repetitions![place] != 0);
            endRow(isNull);
        }
    }
}
