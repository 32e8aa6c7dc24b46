using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Staged tokens kept whole while others encode them: those before a batch, which its early rows still see as staged, or those before branches.</summary>
internal sealed class StagedTail(CacheShape shape)
{
    private float[] rows = [];
    private TokenPlace[] places = [];

    /// <summary>Position of the first.</summary>
    public int Start { get; private set; }

    /// <summary>Takes the staged tokens out of the cache.</summary>
    public void Take(PackedKvCache cache)
    {
        int tokens = cache.Staged;
        Start = cache.Count - tokens;
        places = new TokenPlace[tokens];
        Array.Resize(ref rows, Math.Max(rows.Length, tokens * shape.Lanes * 2 * shape.HeadDim));
        for (int token = 0; token < tokens; token++)
        {
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                cache.Read(Start + token, lane, Row(token, lane, 0), Row(token, lane, 1));
            }
        }

        cache.Rewind(Start);
    }

    /// <summary>Says where a token goes.</summary>
    public void Place(int position, TokenPlace place) => places[position - Start] = place;

    /// <summary>Writes the tokens to their places.</summary>
    public void Write(PackedKvCache cache)
    {
        for (int token = 0; token < places.Length; token++)
        {
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                cache.WriteKey(places[token], lane, Row(token, lane, 0));
                cache.WriteValue(places[token], lane, Row(token, lane, 1));
            }
        }
    }

    /// <summary>Forgets what came after the tokens, and what they were encoded to: they are staged at the end again.</summary>
    public void Restore(PackedKvCache cache)
    {
        cache.Truncate(Start);
        for (int token = 0; token < places.Length; token++)
        {
            places[token] = cache.Stage();
        }

        Write(cache);
    }

    /// <summary>Key of a position, in the cache's space.</summary>
    public ReadOnlySpan<float> Key(int position, int lane) => Row(position - Start, lane, 0);

    /// <summary>Value of a position.</summary>
    public ReadOnlySpan<float> Value(int position, int lane) => Row(position - Start, lane, 1);

    private Span<float> Row(int token, int lane, int part) =>
        rows.AsSpan(((((token * shape.Lanes) + lane) * 2) + part) * shape.HeadDim, shape.HeadDim);
}
