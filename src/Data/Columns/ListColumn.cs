using System.Runtime.InteropServices;
using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>Lists of numbers: the elements of all rows one after the other, and where each row ends.</summary>
internal sealed class ListColumn : ColumnData
{
    private const int NullList = 0;
    private const int EmptyList = 1;
    private const int Element = 2;

    private readonly List<float> elements = [];
    private int[] ends = [];

    public override Type ValueType => typeof(float[]);

    /// <summary>The elements of one row.</summary>
    public ReadOnlySpan<float> List(int row) => CollectionsMarshal.AsSpan(elements)[(row == 0 ? 0 : ends[row - 1])..ends[row]];

    /// <summary>Adds one row.</summary>
    public void Add(ReadOnlySpan<float> list)
    {
        elements.AddRange(list);
        ends = WithRoom(ends, Count);
        ends[Count++] = elements.Count;
    }

    public override bool IsNonFinite(int row)
    {
        foreach (float element in List(row))
        {
            if (!float.IsFinite(element))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Parquet's levels of a list that may be missing and whose elements may not: an entry for each element, and one for a list without any.</summary>
    public override Task Write(ParquetRowGroupWriter group, Field field)
    {
        List<int> definitions = [];
        List<int> repetitions = [];
        for (int row = 0; row < Count; row++)
        {
            int length = List(row).Length;
            repetitions.Add(0);
            definitions.Add(IsNull(row) ? NullList : length == 0 ? EmptyList : Element);
            for (int i = 1; i < length; i++)
            {
                repetitions.Add(1);
                definitions.Add(Element);
            }
        }

        return group.WriteAllPartsAsync<float>((DataField)((ListField)field).Item, elements.ToArray(), definitions.ToArray(), repetitions.ToArray(), default);
    }

    protected override object Box(int row) => List(row).ToArray();

    protected override void AddMissing() => Add(ReadOnlySpan<float>.Empty);
}
