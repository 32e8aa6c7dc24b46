namespace AdaptiveKv.KvCache.Streams;

/// <summary>
/// The whole units of a tier, in pages that all lanes share: a page holds a run of units for every lane, [lane][unit]. Pages grow with the stream, so that long sequences are read in long runs.
/// </summary>
/// <param name="unitBytes">Bytes of a unit, all lanes.</param>
/// <param name="longest">Most units of a page.</param>
/// <param name="allocator">Where memory comes from.</param>
internal sealed unsafe class UnitPages(int unitBytes, int longest, CacheAllocator allocator)
{
    private const int GrowthShare = 64; // A new page is at most 1/64 of what is there: the price of never copying.

    private readonly List<Page> pages = [];
    private Entry[] units = [];

    /// <summary>Units that there is memory for.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes allocated for them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Units before the last page; all where there is none.</summary>
    public int BeforeLast => pages.Count == 0 ? Count : Count - pages[^1].Units;

    /// <summary>Whether a page can go.</summary>
    public bool HasPages => pages.Count > 0;

    /// <summary>First byte of a unit of a lane.</summary>
    public byte* Unit(int unit, LaneFormat format)
    {
        ref readonly Entry entry = ref units[unit];
        return (byte*)entry.Page + ((nint)format.Offset * entry.PageUnits) + ((nint)format.UnitBytes * entry.Index);
    }

    /// <summary>Makes room for a number of units.</summary>
    public void Grow(int wanted)
    {
        while (Count < wanted)
        {
            int growth = Math.Max(wanted - Count, allocator.IsLimited ? 1 : Count / GrowthShare);
            Add(Math.Clamp(growth, 1, longest));
        }
    }

    /// <summary>Gives the last page back.</summary>
    public void RemoveLast()
    {
        Page last = pages[^1];
        pages.RemoveAt(pages.Count - 1);
        Count -= last.Units;
        Bytes -= (long)last.Units * unitBytes;
        allocator.Free((byte*)last.Memory, (nuint)((long)last.Units * unitBytes));
    }

    /// <summary>Begins with units of another, which stay where they are.</summary>
    public void BeginAs(UnitPages other, int count)
    {
        Count = count;
        units = other.units[..count];
    }

    /// <summary>Gives all pages back and forgets the units of others.</summary>
    public void Clear()
    {
        while (HasPages)
        {
            RemoveLast();
        }

        Count = 0;
    }

    private void Add(int count)
    {
        long bytes = (long)count * unitBytes;
        byte* memory = allocator.Allocate((nuint)bytes);
        Bytes += bytes;
        pages.Add(new Page((nint)memory, count));
        if (Count + count > units.Length)
        {
            Array.Resize(ref units, Math.Max(2 * units.Length, Math.Max(64, Count + count)));
        }

        for (int i = 0; i < count; i++)
        {
            units[Count++] = new Entry((nint)memory, count, i);
        }
    }

    private readonly record struct Page(nint Memory, int Units);

    private readonly record struct Entry(nint Page, int PageUnits, int Index);
}
