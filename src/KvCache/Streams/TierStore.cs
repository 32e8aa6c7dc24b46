using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>
/// The append-only streams of one tier, one per lane (layer, KV head): whole units in pages, and behind them the newest tokens, too few for a unit, on their own. So a short sequence takes no
/// byte more than its tokens, and kernels see units only.
/// </summary>
internal sealed unsafe class TierStore : IDisposable
{
    private const int LongestPageTokens = 128;

    private readonly LaneFormat[] lanes;
    private readonly UnitPages pages;
    private readonly OpenTokens open;
    private int whole; // Units that tokens fill.

    public TierStore(KvTier tier, CacheShape shape, CodeLayout layout, PrecisionProfile profile, CacheAllocator allocator)
    {
        Tier = tier;
        Layout = layout with { TokensPerUnit = TierCodec.For(tier).TokensPerUnit };
        lanes = new LaneFormat[shape.Lanes];
        int unitBytes = 0, tokenBytes = 0;
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            TierCodec codec = TierCodec.For(profile.Of(tier, lane));
            int keyBytes = codec.KeyBytes(Layout);
            lanes[lane] = new LaneFormat(codec, keyBytes, keyBytes + codec.ValueBytes(Layout), unitBytes, codec.RowBytes(Layout), tokenBytes);
            unitBytes += lanes[lane].UnitBytes;
            tokenBytes += lanes[lane].RowBytes;
        }

        Footprint = new TierFootprint(Layout.TokensPerUnit, unitBytes, tokenBytes);
        pages = new UnitPages(unitBytes, LongestPageTokens / Layout.TokensPerUnit, allocator);
        open = new OpenTokens(tokenBytes, allocator);
    }

    public KvTier Tier { get; }

    public CodeLayout Layout { get; }

    /// <summary>How each lane is coded.</summary>
    public ReadOnlySpan<LaneFormat> Lanes => lanes;

    /// <summary>What tokens take, all lanes.</summary>
    public TierFootprint Footprint { get; }

    /// <summary>Bytes allocated for this tier.</summary>
    public long AllocatedBytes => pages.Bytes + open.Bytes;

    /// <summary>Whether a unit is not there: its tokens lie on their own.</summary>
    public bool IsOpen(int unit) => unit >= whole;

    /// <summary>First byte of a whole unit of a lane.</summary>
    public byte* Unit(int unit, LaneFormat format) => pages.Unit(unit, format);

    /// <summary>Makes a lane's unit of the tokens that lie on their own.</summary>
    /// <param name="format">The lane's.</param>
    /// <param name="tokens">How many of them.</param>
    /// <param name="unit">Receives it.</param>
    /// <returns>The unit.</returns>
    public byte* Assemble(LaneFormat format, int tokens, byte* unit)
    {
        byte** rows = stackalloc byte*[CodeLayout.CodedTokens];
        for (int token = 0; token < tokens; token++)
        {
            rows[token] = open.Row(token, format.RowOffset);
        }

        format.Codec.Assemble(rows, tokens, unit, format.KeyBytes, Layout);
        return unit;
    }

    /// <summary>Encodes the key row of a slot.</summary>
    public void WriteKey(int slot, int lane, ReadOnlySpan<float> key)
    {
        LaneFormat format = lanes[lane];
        (int unit, int token) = Math.DivRem(slot, Layout.TokensPerUnit);
        if (IsOpen(unit))
        {
            format.Codec.WriteKeyRow(open.Row(token, format.RowOffset), key, Layout);
        }
        else
        {
            format.Codec.WriteKey(Unit(unit, format), token, key, Layout);
        }
    }

    /// <summary>Encodes the value row of a slot.</summary>
    public void WriteValue(int slot, int lane, ReadOnlySpan<float> value)
    {
        LaneFormat format = lanes[lane];
        (int unit, int token) = Math.DivRem(slot, Layout.TokensPerUnit);
        if (IsOpen(unit))
        {
            format.Codec.WriteValueRow(open.Row(token, format.RowOffset), value, Layout);
        }
        else
        {
            format.Codec.WriteValue(Unit(unit, format), format.KeyBytes, token, value, Layout);
        }
    }

    /// <summary>Reconstructs the rows of a slot.</summary>
    public void Read(int slot, int lane, Span<float> key, Span<float> value)
    {
        LaneFormat format = lanes[lane];
        (int unit, int token) = Math.DivRem(slot, Layout.TokensPerUnit);
        if (!IsOpen(unit))
        {
            format.Codec.Read(Unit(unit, format), format.KeyBytes, token, key, value, Layout);
            return;
        }

        byte* own = stackalloc byte[format.UnitBytes];
        byte* row = open.Row(token, format.RowOffset);
        format.Codec.Assemble(&row, 1, own, format.KeyBytes, Layout);
        format.Codec.Read(own, format.KeyBytes, 0, key, value, Layout);
    }

    /// <summary>Visits the whole units of a number of tokens, of each the lanes in order, as native memory.</summary>
    public void VisitUnits(int tokens, Action<Span<byte>> visit)
    {
        for (int unit = 0; unit < tokens / Layout.TokensPerUnit; unit++)
        {
            foreach (LaneFormat format in lanes)
            {
                visit(new Span<byte>(Unit(unit, format), format.UnitBytes));
            }
        }
    }

    /// <summary>Visits the tokens on their own, of each the lanes in order, as native memory.</summary>
    public void VisitOpen(Action<Span<byte>> visit)
    {
        for (int token = 0; token < open.Count; token++)
        {
            visit(new Span<byte>(open.Row(token, 0), (int)Footprint.RowBytes));
        }
    }

    /// <summary>Makes room for <paramref name="tokens"/> tokens in every lane. What there is stays: branches of a sequence may still be written to it.</summary>
    public void Reserve(int tokens)
    {
        if (tokens / Layout.TokensPerUnit > whole)
        {
            Close(tokens / Layout.TokensPerUnit);
        }

        open.Resize(Math.Max(tokens - (whole * Layout.TokensPerUnit), open.Count));
    }

    /// <summary>Begins as another store does: its whole units stay where they are, other tokens are copied.</summary>
    public void BeginAs(TierStore other, int tokens)
    {
        (whole, int rest) = Math.DivRem(tokens, Layout.TokensPerUnit);
        pages.BeginAs(other.pages, whole);
        open.Resize(rest);
        for (int i = 0; i < rest; i++)
        {
            other.CopyToken((whole * Layout.TokensPerUnit) + i, open.Row(i, 0));
        }
    }

    /// <summary>
    /// Gives back the memory that <paramref name="tokens"/> tokens do not need. Where a unit is one token, one such page stays: the next step stages a token
    /// where this one's left.
    /// </summary>
    public void Release(int tokens)
    {
        (int units, int rest) = Math.DivRem(tokens, Layout.TokensPerUnit);
        open.Resize(Math.Clamp(tokens - (whole * Layout.TokensPerUnit), 0, open.Count));
        rest = units < whole ? rest : 0;
        nuint bytes = (nuint)(rest * Footprint.RowBytes);
        byte* aside = rest > 0 ? (byte*)NativeHeap.Allocate(bytes, CacheAllocator.Alignment) : null;
        for (int i = 0; i < rest; i++)
        {
            CopyToken((units * Layout.TokensPerUnit) + i, aside + ((nint)i * (nint)Footprint.RowBytes));
        }

        whole = Math.Min(whole, units);
        while (pages.HasPages && pages.BeforeLast >= whole && !(Layout.TokensPerUnit == 1 && pages.BeforeLast == whole && pages.Count == whole + 1))
        {
            pages.RemoveLast();
        }

        if (rest > 0)
        {
            open.MoveFrom(aside, rest);
            NativeHeap.Free(aside, bytes);
        }
    }

    public void Dispose()
    {
        open.Resize(0);
        pages.Clear();
        whole = 0;
    }

    // Tokens on their own become a unit. Their memory goes before the unit's comes: a limit has no room for both.
    private void Close(int units)
    {
        int tokens = open.Count;
        if (tokens == 0)
        {
            pages.Grow(units);
            whole = units;
            return;
        }

        nuint bytes = (nuint)open.Bytes;
        byte* aside = (byte*)NativeHeap.Allocate(bytes, CacheAllocator.Alignment);
        open.MoveTo(aside);
        try
        {
            pages.Grow(units);
        }
        catch (InvalidOperationException)
        {
            // There is no room: all is as it was.
            open.MoveFrom(aside, tokens);
            NativeHeap.Free(aside, bytes);
            throw;
        }

        byte** rows = stackalloc byte*[tokens];
        foreach (LaneFormat format in lanes)
        {
            for (int i = 0; i < tokens; i++)
            {
                rows[i] = aside + ((nint)i * (nint)Footprint.RowBytes) + format.RowOffset;
            }

            format.Codec.Assemble(rows, tokens, Unit(whole, format), format.KeyBytes, Layout);
        }

        NativeHeap.Free(aside, bytes);
        whole = units;
    }

    private void CopyToken(int slot, byte* rows)
    {
        (int unit, int token) = Math.DivRem(slot, Layout.TokensPerUnit);
        if (IsOpen(unit))
        {
            FloatRows.Copy(open.Row(token, 0), rows, (int)Footprint.RowBytes);
            return;
        }

        foreach (LaneFormat format in lanes)
        {
            format.Codec.Extract(Unit(unit, format), format.KeyBytes, token, rows + format.RowOffset, Layout);
        }
    }
}
