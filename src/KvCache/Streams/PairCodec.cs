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

    public override void WriteKey(byte* unit, int token, ReadOnlySpan<float> key, in CodeLayout layout) => TKeys.Write(unit, token, key, layout);

    public override void WriteValue(byte* unit, int keyBytes, int token, ReadOnlySpan<float> value, in CodeLayout layout) =>
        TValues.Write(unit + keyBytes, token, value, layout);

    public override void Read(byte* unit, int keyBytes, int token, Span<float> key, Span<float> value, in CodeLayout layout)
    {
        TKeys.Read(unit, token, key, layout);
        TValues.Read(unit + keyBytes, token, value, layout);
    }

    public override void Attend(
        TierStore store, int lane, int from, int to, in QueryBlock queries, in SoftmaxState state, in ScoreOffsets offsets, AttentionClock? clock)
    {
        CodeLayout layout = store.Layout;
        LaneFormat format = store.Lanes[lane];
        float* scores = stackalloc float[queries.Heads * StreamBlock.Tokens];
        byte** units = stackalloc byte*[StreamBlock.Tokens];
        byte** ahead = stackalloc byte*[StreamBlock.Tokens];
        int coming = Locate(store, format, from, to, ahead);
        int stretch = offsets.IsEmpty ? 0 : offsets.StretchOf(from);
        for (int start = from; start < to; start += StreamBlock.Tokens)
        {
            AttentionClock? timing = clock?.Begin() == true ? clock : null;
            byte** current = ahead;
            ahead = units;
            units = current;
            int tokens = Math.Min(StreamBlock.Tokens, to - start);
            int count = coming;
            coming = Locate(store, format, start + StreamBlock.Tokens, to, ahead);
            Prefetch(ahead, coming, 0, format.KeyBytes);
            TKeys.Scores(units, count, layout, queries, scores);
            if (!offsets.IsEmpty)
            {
                offsets.Add(scores, start, tokens, ref stretch);
            }

            timing?.EndKeys();
            BlockSoftmax.Update(scores, tokens, state);
            timing?.EndSoftmax();
            for (int i = 0; i < count; i++)
            {
                units[i] += format.KeyBytes;
            }

            Prefetch(ahead, coming, format.KeyBytes, format.UnitBytes);
            TValues.Accumulate(units, count, layout, scores, state);
            timing?.EndValues();
        }
    }

    // The units of the block that starts at a token; none behind the end.
    private static int Locate(TierStore store, LaneFormat format, int start, int to, byte** units)
    {
        int perUnit = store.Layout.TokensPerUnit;
        int count = (Math.Min(StreamBlock.Tokens, to - start) + perUnit - 1) / perUnit;
        for (int i = 0; i < count; i++)
        {
            units[i] = store.Unit((start / perUnit) + i, format);
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
