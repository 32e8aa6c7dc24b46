using System.Buffers;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>
/// The append-only streams of one tier, one per lane (layer, KV head), in pages that all lanes share. A page holds a run of units for
/// every lane, [lane][unit]; pages grow with the stream, so that short sequences waste little and long ones are read in long runs.
/// </summary>
internal sealed unsafe class TierStore : IDisposable
{
    private const int LongestPageTokens = 128;
    private const int GrowthShare = 64; // A new page is at most 1/64 of what is there: the price of never copying.

    private readonly CacheAllocator allocator;
    private readonly LaneFormat[] lanes;
    private readonly int laneBytes;
    private readonly List<Page> pages = [];
    private UnitEntry[] units = [];
    private int unitCount;

    public TierStore(KvTier tier, CacheShape shape, CodeLayout layout, PrecisionProfile profile, CacheAllocator allocator)
    {
        Tier = tier;
        Layout = layout with { TokensPerUnit = TierCodec.For(tier).TokensPerUnit };
        lanes = new LaneFormat[shape.Lanes];
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            TierCodec codec = TierCodec.For(profile.Of(tier, lane / shape.KvHeads));
            int keyBytes = codec.KeyBytes(Layout);
            int unitBytes = keyBytes + codec.ValueBytes(Layout);
            lanes[lane] = new LaneFormat(codec, keyBytes, unitBytes, laneBytes);
            laneBytes += unitBytes;
        }

        this.allocator = allocator;
    }

    public KvTier Tier { get; }

    public CodeLayout Layout { get; }

    /// <summary>How each lane is coded.</summary>
    public ReadOnlySpan<LaneFormat> Lanes => lanes;

    /// <summary>Bytes of a token in a full unit, all lanes.</summary>
    public double BytesPerToken => (double)laneBytes / Layout.TokensPerUnit;

    /// <summary>Bytes allocated for this tier.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>First byte of a unit of a lane.</summary>
    public byte* Unit(int unit, int lane) => Unit(unit, lanes[lane]);

    /// <summary>The same for the lane of a format.</summary>
    public byte* Unit(int unit, LaneFormat format)
    {
        ref readonly UnitEntry entry = ref units[unit];
        return (byte*)entry.Page + ((nint)format.Offset * entry.PageUnits) + ((nint)format.UnitBytes * entry.Index);
    }

    /// <summary>Encodes the key row of a slot.</summary>
    public void WriteKey(int slot, int lane, ReadOnlySpan<float> key) =>
        lanes[lane].Codec.WriteKey(Unit(slot / Layout.TokensPerUnit, lane), slot % Layout.TokensPerUnit, key, Layout);

    /// <summary>Encodes the value row of a slot.</summary>
    public void WriteValue(int slot, int lane, ReadOnlySpan<float> value) =>
        lanes[lane].Codec.WriteValue(Unit(slot / Layout.TokensPerUnit, lane), lanes[lane].KeyBytes, slot % Layout.TokensPerUnit, value, Layout);

    /// <summary>Reconstructs the rows of a slot.</summary>
    public void Read(int slot, int lane, Span<float> key, Span<float> value) =>
        lanes[lane].Codec.Read(Unit(slot / Layout.TokensPerUnit, lane), lanes[lane].KeyBytes, slot % Layout.TokensPerUnit, key, value, Layout);

    /// <summary>Bytes of one unit, all lanes.</summary>
    public int UnitBytes => laneBytes;

    /// <summary>Visits what a number of tokens takes: unit after unit, of each the lanes in order, as native memory.</summary>
    public void Visit(int tokens, SpanAction<byte, int> visit)
    {
        for (int unit = 0; unit * Layout.TokensPerUnit < tokens; unit++)
        {
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                visit(new Span<byte>(Unit(unit, lane), lanes[lane].UnitBytes), unit);
            }
        }
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

    /// <summary>Begins as another store does: its whole units stay where they are, the tokens of one that is open are copied.</summary>
    public void BeginAs(TierStore other, int tokens)
    {
        unitCount = tokens / Layout.TokensPerUnit;
        units = other.units[..unitCount];
        if (tokens % Layout.TokensPerUnit == 0)
        {
            return;
        }

        int open = unitCount;
        AddPage(1);
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            Buffer.MemoryCopy(other.Unit(open, lane), Unit(open, lane), lanes[lane].UnitBytes, lanes[lane].UnitBytes);
        }
    }

    /// <summary>
    /// Gives back the pages that <paramref name="tokens"/> tokens do not need. Where a unit is one token, one such page stays: the next step stages a token
    /// where this one's left.
    /// </summary>
    public void Release(int tokens)
    {
        int needed = (tokens + Layout.TokensPerUnit - 1) / Layout.TokensPerUnit;
        while (pages.Count > 0)
        {
            Page last = pages[^1];
            bool unused = unitCount - last.Units >= needed;
            bool spare = Layout.TokensPerUnit == 1 && last.Units == 1 && unitCount - 1 == needed;
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

    private long PageBytes(int pageUnits) => (long)pageUnits * laneBytes;

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
            units[unitCount++] = new UnitEntry((nint)memory, pageUnits, i);
        }
    }

    private readonly record struct Page(nint Memory, int Units);

    private readonly record struct UnitEntry(nint Page, int PageUnits, int Index);
}

/// <summary>How one lane of a tier's stream is coded, and where its units begin in a page.</summary>
/// <param name="Codec">Reads and writes the lane's rows.</param>
/// <param name="KeyBytes">Offset of the value rows in a unit.</param>
/// <param name="UnitBytes">Bytes of one unit of the lane.</param>
/// <param name="Offset">Bytes that the lanes before it take, per unit of a page.</param>
internal sealed record LaneFormat(TierCodec Codec, int KeyBytes, int UnitBytes, int Offset);
