using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache.Attention;

/// <summary>What the real model stores and asks while it reads the start of the measured text, after rotary embedding; read once per test class.</summary>
public sealed class CapturedHeads
{
    public const int Tokens = 512;

    private float[][]? keys;
    private float[][]? values;
    private float[][]? queries;

    /// <summary>[QueriesPerKvHead][HeadDim] of one position.</summary>
    public float[] Queries(int lane, int position)
    {
        int length = queries![lane].Length / Tokens;
        return queries[lane].AsSpan(position * length, length).ToArray();
    }

    /// <summary>A cache of all tokens at one width, in the calibrated space.</summary>
    public PackedKvCache Coded(RealModel real, BitWidth bits)
    {
        Capture(real);
        CacheShape shape = real[Arithmetic.Int8].CacheShape;
        PackedKvCache cache = new(shape, new KvCacheOptions { MaxTokens = Tokens, Range = RangeSearch.Clip, Transform = real.Transform });
        float[] row = new float[shape.HeadDim];
        for (int position = 0; position < Tokens; position++)
        {
            TokenPlace place = cache.Append(KvTier.Of(bits));
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                keys![lane].AsSpan(position * row.Length, row.Length).CopyTo(row);
                cache.Transform.Key(lane, position, row);
                cache.WriteKey(place, lane, row);
                values![lane].AsSpan(position * row.Length, row.Length).CopyTo(row);
                cache.Transform.Value(lane, row);
                cache.WriteValue(place, lane, row);
            }
        }

        return cache;
    }

    private void Capture(RealModel real)
    {
        if (queries is not null)
        {
            return;
        }

        LlamaModel model = real[Arithmetic.Int8];
        CacheShape shape = model.CacheShape;
        keys = Empty(shape.HeadDim);
        values = Empty(shape.HeadDim);
        queries = Empty(shape.QueriesPerKvHead * shape.HeadDim);
        int[] seen = new int[shape.Lanes];
        using Session session = new(model, new SessionOptions
        {
            MaxBatch = Tokens,
            Cache = new KvCacheOptions { MaxTokens = Tokens },
            Observer = (lane, _, key, value, rows) =>
            {
                key.CopyTo(keys[lane].AsSpan(seen[lane] * key.Length));
                value.CopyTo(values[lane].AsSpan(seen[lane] * value.Length));
                rows.CopyTo(queries[lane].AsSpan(seen[lane]++ * rows.Length));
            },
        });
        session.Prefill(real.Text.AsSpan(0, Tokens));

        float[][] Empty(int length) => [.. Enumerable.Range(0, shape.Lanes).Select(_ => new float[Tokens * length])];
    }
}
