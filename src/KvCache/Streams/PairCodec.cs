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

    public override void Attend(TierStore store, int lane, int from, int to, ReadOnlySpan<AttentionTarget> targets, float* wide, AttentionClock? clock)
    {
        CodeLayout layout = store.Layout;
        LaneFormat format = store.Lanes[lane];
        float* scores = stackalloc float[targets[0].Queries.Heads * StreamBlock.Tokens];
        byte** units = stackalloc byte*[StreamBlock.Tokens];
        byte** ahead = stackalloc byte*[StreamBlock.Tokens];
        int* stretches = stackalloc int[targets.Length];
        byte* open = stackalloc byte[store.IsOpen((to - 1) / layout.TokensPerUnit) ? format.UnitBytes + LineBytes : 0];
        open = (byte*)(((nint)open + LineBytes - 1) & -LineBytes);
        for (int i = 0; i < targets.Length; i++)
        {
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
            Prefetch(ahead, coming, 0, format.KeyBytes);
            if (wide is not null)
            {
                Prefetch(ahead, coming, format.KeyBytes, format.UnitBytes);
                Widen<TKeys, FloatKeys<HalfRow>>(units, count, 0, layout, wide);
                Widen<TValues, FloatValues<HalfRow>>(units, count, format.KeyBytes, layout, wide + (StreamBlock.Tokens * layout.HeadDim));
            }

            for (int i = 0; i < targets.Length; i++)
            {
                ref readonly AttentionTarget target = ref targets[i];
                Scores(units, count, layout, target.Queries, wide, scores);
                if (!target.Offsets.IsEmpty)
                {
                    target.Offsets.Add(scores, start, tokens, ref stretches[i]);
                }

                timing?.EndKeys();
                BlockSoftmax.Update(scores, tokens, target.State);
                timing?.EndSoftmax();
                if (wide is null)
                {
                    Prefetch(ahead, coming, format.KeyBytes, format.UnitBytes);
                }

                Accumulate(units, count, format.KeyBytes, layout, wide, scores, target.State);
                timing?.EndValues();
            }
        }
    }

    private static bool IsWidened<TFormat, TNarrow>() => Avx512F.IsSupported && typeof(TFormat) == typeof(TNarrow);

    private static void Widen<TFormat, TNarrow>(byte** units, int count, int offset, in CodeLayout layout, float* wide)
    {
        if (IsWidened<TFormat, TNarrow>())
        {
            byte** rows = stackalloc byte*[StreamBlock.Tokens];
            FloatRows.Locate(units, count, layout.TokensPerUnit, layout.HeadDim * HalfRow.ElementBytes, rows);
            for (int token = 0; token < StreamBlock.Tokens; token++)
            {
                rows[token] += offset;
            }

            WideRow.Widen<HalfRow>(rows, StreamBlock.Tokens, layout.HeadDim, wide);
        }
    }

    private static void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* wide, float* scores)
    {
        if (wide is not null && IsWidened<TKeys, FloatKeys<HalfRow>>())
        {
            FloatKeys<WideRow>.Scores((byte**)&wide, 1, layout with { TokensPerUnit = StreamBlock.Tokens }, queries, scores);
        }
        else
        {
            TKeys.Scores(units, count, layout, queries, scores);
        }
    }

    private static void Accumulate(byte** units, int count, int offset, in CodeLayout layout, float* wide, float* weights, in SoftmaxState state)
    {
        if (wide is not null && IsWidened<TValues, FloatValues<HalfRow>>())
        {
            wide += StreamBlock.Tokens * layout.HeadDim;
            FloatValues<WideRow>.Accumulate((byte**)&wide, 1, layout with { TokensPerUnit = StreamBlock.Tokens }, weights, state);
            return;
        }

        byte** values = stackalloc byte*[StreamBlock.Tokens];
        for (int i = 0; i < count; i++)
        {
            values[i] = units[i] + offset;
        }

        TValues.Accumulate(values, count, layout, weights, state);
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
