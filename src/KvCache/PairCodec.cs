using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache;

/// <summary>The one loop over a stream, compiled for each pair of formats.</summary>
/// <typeparam name="TKeys">Format of the keys.</typeparam>
/// <typeparam name="TValues">Format of the values.</typeparam>
internal sealed unsafe class PairCodec<TKeys, TValues> : TierCodec
    where TKeys : struct, IKeyFormat
    where TValues : struct, IValueFormat
{
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

    public override void Attend(TierStore store, int lane, int from, int to, in QueryBlock queries, in SoftmaxState state, in ScoreOffsets offsets)
    {
        CodeLayout layout = store.Layout;
        float* scores = stackalloc float[queries.Heads * StreamBlock.Tokens];
        byte** units = stackalloc byte*[StreamBlock.Tokens];
        for (int start = from; start < to; start += StreamBlock.Tokens)
        {
            int tokens = Math.Min(StreamBlock.Tokens, to - start);
            int count = (tokens + layout.TokensPerUnit - 1) / layout.TokensPerUnit;
            int first = start / layout.TokensPerUnit;
            for (int i = 0; i < count; i++)
            {
                units[i] = store.Unit(first + i, lane);
            }

            TKeys.Scores(units, count, layout, queries, scores);
            if (!offsets.IsEmpty)
            {
                offsets.Add(scores, start, tokens);
            }

            BlockSoftmax.Update(scores, tokens, state);
            for (int i = 0; i < count; i++)
            {
                units[i] += store.KeyBytes;
            }

            TValues.Accumulate(units, count, layout, scores, state);
        }
    }
}
