using System.Numerics.Tensors;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>What the cache's own codes lose of a text's keys and values: they are written to a packed cache in every tier, and read back.</summary>
internal sealed class CodeErrors : IDisposable
{
    private readonly PackedKvCache cache;
    private readonly IReadOnlyList<KvTier> tiers;
    private readonly float[] key, value, keyRead, valueRead;
    private TokenPlace[][] places = [];

    /// <param name="model">The model.</param>
    /// <param name="code">How tokens are coded.</param>
    /// <param name="tiers">The tiers that are tried.</param>
    /// <param name="maxTokens">Of the longest text.</param>
    public CodeErrors(LlamaModel model, KvCacheOptions code, IReadOnlyList<KvTier> tiers, int maxTokens)
    {
        this.tiers = tiers;
        KvTransform transform = model.Reach.Fit(code.Transform ?? KvTransform.Identity(model.CacheShape));
        cache = new PackedKvCache(model.CacheShape, code with { MaxTokens = checked(maxTokens * tiers.Count), Transform = transform });
        (key, value, keyRead, valueRead) = (Row(), Row(), Row(), Row());

        float[] Row() => new float[model.CacheShape.HeadDim];
    }

    /// <summary>The space in which the errors are taken.</summary>
    public KvTransform Transform => cache.Transform;

    /// <summary>Makes room for the tokens of a text.</summary>
    public void Begin(int tokens)
    {
        cache.Truncate(0);
        places = [.. tiers.Select(tier => Enumerable.Range(0, tokens).Select(_ => cache.Append(tier)).ToArray())];
    }

    /// <summary>The squared errors of one row of keys and one of values, |code(x) - x|^2, by tier.</summary>
    /// <param name="lane">Layer and KV head.</param>
    /// <param name="position">In the text.</param>
    /// <param name="keys">[HeadDim], as the model has them, after rotary embedding.</param>
    /// <param name="values">[HeadDim].</param>
    /// <param name="keyErrors">[tiers].</param>
    /// <param name="valueErrors">[tiers].</param>
    public void Measure(int lane, int position, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, Span<float> keyErrors, Span<float> valueErrors)
    {
        keys.CopyTo(key);
        values.CopyTo(value);
        Transform.Key(lane, position, key);
        Transform.Value(lane, value);
        for (int tier = 0; tier < places.Length; tier++)
        {
            cache.WriteKey(places[tier][position], lane, key);
            cache.WriteValue(places[tier][position], lane, value);
            cache.Read((tier * places[tier].Length) + position, lane, keyRead, valueRead);
            (keyErrors[tier], valueErrors[tier]) = (SquaredDistance(key, keyRead), SquaredDistance(value, valueRead));
        }
    }

    public void Dispose() => cache.Dispose();

    private static float SquaredDistance(ReadOnlySpan<float> x, Span<float> other)
    {
        TensorPrimitives.Subtract(x, other, other);
        return TensorPrimitives.SumOfSquares<float>(other);
    }
}
