using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.Unit.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>What a packed cache means: a plain list of tokens, each with its tier and its rows as they read back.</summary>
internal sealed class NaiveCache(CacheShape shape, KvCacheOptions options)
{
    private readonly List<Token> tokens = [];

    public int Count => tokens.Count;

    public int Staged { get; private set; }

    public IReadOnlyList<Token> Tokens => tokens;

    /// <summary>Appends a token with rows [lane][HeadDim] for keys and values.</summary>
    public void Append(KvTier tier, float[][] keys, float[][] values, bool staged)
    {
        tokens.Add(Coded(tier, keys, values));
        Staged += staged ? 1 : 0;
    }

    /// <summary>Begins as another one does.</summary>
    public void BeginAs(NaiveCache other, int count) => tokens.AddRange(other.tokens.Take(count));

    public void Encode(KvTier[] tiers)
    {
        int first = Count - Staged;
        for (int i = 0; i < tiers.Length; i++)
        {
            Token old = tokens[first + i];
            tokens[first + i] = tiers[i] == old.Tier ? old : Coded(tiers[i], old.Keys, old.Values);
        }

        Staged = 0;
    }

    public void Truncate(int position)
    {
        int encoded = Count - Staged;
        tokens.RemoveRange(Math.Min(position, Count), Math.Max(0, Count - position));
        Staged = Math.Max(0, Count - encoded);
    }

    private Token Coded(KvTier tier, float[][] keys, float[][] values) => tier == KvTier.Dropped ? new(tier, Nothing(keys), Nothing(values)) : new(
        tier,
        [.. keys.Select((row, lane) => Through(RowFormat.Keys(In(tier, lane).Keys), row))],
        [.. values.Select((row, lane) => Through(RowFormat.Values(In(tier, lane).Values), row))]);

    private static float[][] Nothing(float[][] rows) => [.. rows.Select(row => new float[row.Length])];

    private KvTier In(KvTier tier, int lane) => options.Profile.Of(tier, lane);

    private unsafe float[] Through(RowFormat format, float[] row)
    {
        int group = options.GroupSize == 0 ? shape.HeadDim : options.GroupSize;
        CodeLayout layout = new(shape.HeadDim, group, CodeLayout.CodedTokens, options.Range);
        using NativeBuffer unit = new(format.Bytes(layout));
        float[] result = new float[row.Length];
        format.Write(unit.Pointer, 0, row, layout);
        format.Read(unit.Pointer, 0, result, layout);
        return result;
    }

    /// <summary>A token; rows are [lane][HeadDim].</summary>
    public sealed record Token(KvTier Tier, float[][] Keys, float[][] Values);
}
