using System.Runtime.InteropServices;
using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Lists of numbers: the elements of all rows one after the other, and where each row ends.</summary>
/// <param name="capacity">Rows it has room for.</param>
internal sealed class ListColumn(int capacity) : ColumnData(capacity)
{
    private readonly List<float> elements = [];
    private readonly int[] ends = new int[capacity];

    public override Type ArrayType => typeof(float[][]);

    /// <summary>The elements of one row.</summary>
    public ReadOnlySpan<float> List(int row) => CollectionsMarshal.AsSpan(elements)[(row == 0 ? 0 : ends[row - 1])..ends[row]];

    /// <summary>Adds one row.</summary>
    public void Add(ReadOnlySpan<float> list)
    {
        elements.AddRange(list);
        ends[Count++] = elements.Count;
    }

    public override void Add(Array source, int start, int count)
    {
        foreach (float[]? list in ((float[]?[])source).AsSpan(start, count))
        {
            if (list is null)
            {
                AddNull();
            }
            else
            {
                Add(list);
            }
        }
    }

    /// <summary>Takes the lists of a vector; an element without a value becomes NaN.</summary>
    public override void Take(Vector vector, int rows)
    {
        Span<float> stored = vector.Elements.Values<float>(vector.ElementCount);
        NullMask missing = vector.Elements.Nulls;
        for (int i = 0; missing.Exists && i < stored.Length; i++)
        {
            stored[i] = missing[i] ? float.NaN : stored[i];
        }

        Span<NativeListEntry> entries = vector.Values<NativeListEntry>(rows);
        NullMask nulls = vector.Nulls;
        for (int row = 0; row < rows; row++)
        {
            if (nulls[row])
            {
                AddNull();
            }
            else
            {
                Add(stored.Slice(checked((int)entries[row].Offset), checked((int)entries[row].Length)));
            }
        }
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

    protected override object Box(int row) => List(row).ToArray();

    protected override void AddMissing() => Add(ReadOnlySpan<float>.Empty);

    protected override void GiveValues(Vector vector)
    {
        vector.ResizeElements(elements.Count);
        Span<NativeListEntry> entries = vector.Values<NativeListEntry>(Count);
        int start = 0;
        for (int row = 0; row < Count; row++)
        {
            entries[row] = new NativeListEntry((ulong)start, (ulong)(ends[row] - start));
            start = ends[row];
        }

        CollectionsMarshal.AsSpan(elements).CopyTo(vector.Elements.Values<float>(elements.Count));
    }
}
