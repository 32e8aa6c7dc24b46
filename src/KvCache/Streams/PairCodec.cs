using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>The one loop over a stream, compiled for each pair of formats.</summary>
/// <typeparam name="TKeys">Format of the keys.</typeparam>
/// <typeparam name="TValues">Format of the values.</typeparam>
internal sealed unsafe class PairCodec<TKeys, TValues> : TierCodec
    where TKeys : struct, IKeyFormat
    where TValues : struct, IValueFormat
{
    private const int LineBytes = 64;

    public override int TokensPerUnit => TKeys.IsCoded || TValues.IsCoded ? CodeLayout.CodedTokens : 1;

    public override int KeyBytes(in CodeLayout layout) => TKeys.Bytes(layout);

    public override int ValueBytes(in CodeLayout layout) => TValues.Bytes(layout);

    public override int KeyRowBytes(in CodeLayout layout) => TKeys.RowBytes(layout);

    public override int RowBytes(in CodeLayout layout) => TKeys.RowBytes(layout) + TValues.RowBytes(layout);

    public override void WriteKey(byte* unit, int token, ReadOnlySpan<float> key, in CodeLayout layout) => TKeys.Write(unit, token, key, layout);

    public override void WriteValue(byte* unit, int keyBytes, int token, ReadOnlySpan<float> value, in CodeLayout layout) =>
        TValues.Write(unit + keyBytes, token, value, layout);

    public override void WriteKeyRow(byte* row, ReadOnlySpan<float> key, in CodeLayout layout)
    {
        byte* unit = stackalloc byte[TKeys.Bytes(layout)];
        TKeys.Write(unit, 0, key, layout);
        TKeys.Extract(unit, 0, row, layout);
    }

    public override void WriteValueRow(byte* row, ReadOnlySpan<float> value, in CodeLayout layout)
    {
        byte* unit = stackalloc byte[TValues.Bytes(layout)];
        TValues.Write(unit, 0, value, layout);
        TValues.Extract(unit, 0, row + TKeys.RowBytes(layout), layout);
    }

    public override void Extract(byte* unit, int keyBytes, int token, byte* row, in CodeLayout layout)
    {
        TKeys.Extract(unit, token, row, layout);
        TValues.Extract(unit + keyBytes, token, row + TKeys.RowBytes(layout), layout);
    }

    public override void Assemble(byte** rows, int count, byte* unit, int keyBytes, in CodeLayout layout)
    {
        byte** values = stackalloc byte*[CodeLayout.CodedTokens];
        for (int i = 0; i < count; i++)
        {
            values[i] = rows[i] + TKeys.RowBytes(layout);
        }

        TKeys.Assemble(rows, count, unit, layout);
        TValues.Assemble(values, count, unit + keyBytes, layout);
    }

    public override void Read(byte* unit, int keyBytes, int token, Span<float> key, Span<float> value, in CodeLayout layout)
    {
        TKeys.Read(unit, token, key, layout);
        TValues.Read(unit + keyBytes, token, value, layout);
    }

    public override void Attend(TierStore store, int lane, int from, ReadOnlySpan<AttentionTarget> targets, float* room, AttentionClock? clock)
    {
        int to = targets[^1].Seen;
        CodeLayout layout = store.Layout;
        LaneFormat format = store.Lanes[lane];
        int own = targets[0].Queries.Heads * StreamBlock.Tokens;
        float* scores = stackalloc float[((targets.Length * targets[0].Queries.Heads) + WideValues512.Rows) * StreamBlock.Tokens];
        byte** units = stackalloc byte*[StreamBlock.Tokens];
        byte** ahead = stackalloc byte*[StreamBlock.Tokens];
        byte** values = stackalloc byte*[StreamBlock.Tokens];
        int* stretches = stackalloc int[targets.Length];
        byte* open = stackalloc byte[store.IsOpen((to - 1) / layout.TokensPerUnit) ? format.UnitBytes + LineBytes : 0];
        open = (byte*)(((nint)open + LineBytes - 1) & -LineBytes);
        Span<SoftmaxState> states = stackalloc SoftmaxState[targets.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            states[i] = targets[i].State;
            stretches[i] = targets[i].Offsets.IsEmpty ? 0 : targets[i].Offsets.StretchOf(from);
        }

        int coming = Locate(store, format, from, to, open, ahead);
        for (int start = from; start < to; start += StreamBlock.Tokens)
        {
            AttentionClock? timing = clock?.Begin() == true ? clock : null;
            byte** current = ahead;
            ahead = units;
            units = current;
            int tokens = Math.Min(StreamBlock.Tokens, to - start);
            int count = coming;
            coming = Locate(store, format, start + StreamBlock.Tokens, to, open, ahead);
            int first = 0;
            while (targets[first].Seen <= start)
            {
                first++;
            }

            Prefetch(ahead, coming, 0, format.KeyBytes);
            bool isSpread = room is not null && TKeys.CanSpread;
            if (isSpread)
            {
                TKeys.Spread(units, count, layout, room);
            }

            for (int i = first; i < targets.Length; i++)
            {
                if (isSpread)
                {
                    TKeys.SpreadScores(room, count, layout, targets[i].Queries, scores + (i * own));
                }
                else
                {
                    TKeys.Scores(units, count, layout, targets[i].Queries, scores + (i * own));
                }

                if (!targets[i].Offsets.IsEmpty)
                {
                    targets[i].Offsets.Add(scores + (i * own), start, Math.Min(tokens, targets[i].Seen - start), ref stretches[i]);
                }
            }

            timing?.EndKeys();
            for (int i = first; i < targets.Length; i++)
            {
                BlockSoftmax.Update(scores + (i * own), Math.Min(tokens, targets[i].Seen - start), targets[i].State);
            }

            timing?.EndSoftmax();
            Prefetch(ahead, coming, format.KeyBytes, format.UnitBytes);
            for (int i = 0; i < count; i++)
            {
                values[i] = units[i] + format.KeyBytes;
            }

            if (room is not null && TValues.CanSpread)
            {
                TValues.Spread(values, count, layout, room);
                TValues.AccumulateSpread(room, count, layout, scores + (first * own), states[first..]);
            }
            else
            {
                for (int i = first; i < targets.Length; i++)
                {
                    TValues.Accumulate(values, count, layout, scores + (i * own), targets[i].State);
                }
            }

            timing?.EndValues();
        }
    }

    // The units of the block that starts at a token, the last made of tokens on their own where it is open; none behind the end.
    private static int Locate(TierStore store, LaneFormat format, int start, int to, byte* open, byte** units)
    {
        int perUnit = store.Layout.TokensPerUnit;
        int count = (Math.Min(StreamBlock.Tokens, to - start) + perUnit - 1) / perUnit;
        for (int i = 0; i < count; i++)
        {
            int unit = (start / perUnit) + i;
            units[i] = store.IsOpen(unit) ? store.Assemble(format, to - (unit * perUnit), open) : store.Unit(unit, format);
        }

        return Math.Max(count, 0);
    }

    // Runs of a lane are short where streams grew token by token, and every page is elsewhere: the hardware's prefetchers lose them. A whole
    // block ahead is time enough for memory to answer.
    private static void Prefetch(byte** units, int count, int from, int to)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            for (byte* line = units[i] + from; line < units[i] + to; line += LineBytes)
            {
                Sse.Prefetch0(line);
            }
        }
    }
}
