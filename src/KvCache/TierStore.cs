using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache;

/// <summary>
/// The append-only streams of one tier, one per lane (layer, KV head), in pages that all lanes share. A page holds a run of units for
/// every lane, [lane][unit]; pages grow with the stream, so that short sequences waste little and long ones are read in long runs.
/// </summary>
internal sealed unsafe class TierStore : IDisposable
{
    private const int LongestPageTokens = 128;
    private const int GrowthShare = 64; // A new page is at most 1/64 of what is there: the price of never copying.

    private readonly CacheAllocator allocator;
    private readonly int lanes;
    private readonly List<Page> pages = [];
    private UnitEntry[] units = [];
    private int unitCount;

    public TierStore(KvTier tier, CacheShape shape, CodeLayout layout, CacheAllocator allocator)
    {
        Tier = tier;
        Codec = TierCodec.For(tier);
        Layout = layout with { TokensPerUnit = Codec.TokensPerUnit };
        KeyBytes = Codec.KeyBytes(Layout);
        UnitBytes = KeyBytes + Codec.ValueBytes(Layout);
        lanes = shape.Lanes;
        this.allocator = allocator;
    }

    public KvTier Tier { get; }

    public TierCodec Codec { get; }

    public CodeLayout Layout { get; }

    /// <summary>Offset of the value rows in a unit.</summary>
    public int KeyBytes { get; }

    /// <summary>Bytes of one unit of one lane.</summary>
    public int UnitBytes { get; }

    /// <summary>Bytes allocated for this tier.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>First byte of a unit of a lane.</summary>
    public byte* Unit(int unit, int lane)
    {
        ref readonly UnitEntry entry = ref units[unit];
        return (byte*)entry.Start + ((long)lane * entry.LaneStride);
    }

    /// <summary>Makes room for <paramref name="tokens"/> tokens in every lane.</summary>
    public void Reserve(int tokens)
    {
        int wanted = (tokens + Layout.TokensPerUnit - 1) / Layout.TokensPerUnit;
        while (unitCount < wanted)
        {
            int longest = LongestPageTokens / Layout.TokensPerUnit;
            int growth = Math.Max(wanted - unitCount, allocator.IsLimited ? 1 : unitCount / GrowthShare);
            AddPage(Math.Clamp(growth, 1, longest));
        }
    }

    /// <summary>Gives back the pages that <paramref name="tokens"/> tokens do not need; one single-unit page stays for the next token.</summary>
    public void Release(int tokens)
    {
        int needed = (tokens + Layout.TokensPerUnit - 1) / Layout.TokensPerUnit;
        while (pages.Count > 0)
        {
            Page last = pages[^1];
            bool unused = unitCount - last.Units >= needed;
            bool spare = last.Units == 1 && unitCount - 1 == needed;
            if (!unused || spare)
            {
                return;
            }

            pages.RemoveAt(pages.Count - 1);
            unitCount -= last.Units;
            long bytes = PageBytes(last.Units);
            allocator.Free((byte*)last.Memory, (nuint)bytes);
            AllocatedBytes -= bytes;
        }
    }

    public void Dispose()
    {
        foreach (Page page in pages)
        {
            allocator.Free((byte*)page.Memory, (nuint)PageBytes(page.Units));
        }

        pages.Clear();
        unitCount = 0;
        AllocatedBytes = 0;
    }

    private long PageBytes(int pageUnits) => (long)pageUnits * UnitBytes * lanes;

    private void AddPage(int pageUnits)
    {
        long bytes = PageBytes(pageUnits);
        byte* memory = allocator.Allocate((nuint)bytes);
        AllocatedBytes += bytes;
        pages.Add(new Page((nint)memory, pageUnits));
        if (unitCount + pageUnits > units.Length)
        {
            Array.Resize(ref units, Math.Max(2 * units.Length, Math.Max(64, unitCount + pageUnits)));
        }

        for (int i = 0; i < pageUnits; i++)
        {
            units[unitCount++] = new UnitEntry((nint)(memory + ((long)i * UnitBytes)), pageUnits * UnitBytes);
        }
    }

    private readonly record struct Page(nint Memory, int Units);

    private readonly record struct UnitEntry(nint Start, int LaneStride);
}
