using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>
/// The packed, mixed-precision KV cache of one sequence. Tokens live in append-only streams, one per (layer, KV head, tier); keys are
/// stored after rotary embedding, so attention does not depend on the order of past tokens and walks one stream after the other.
/// New tokens are staged at 16 bits at the end of the 16-bit stream and encoded to their tier when their precision is known. Dropped ones
/// lie in no stream: nothing but their place in the order is left of them.
/// A lane is a (layer, KV head) pair: lane = layer * KvHeads + head. Different lanes may be written and read by different threads.
/// </summary>
public sealed unsafe partial class PackedKvCache : IDisposable
{
    /// <summary>Most tiers one cache can hold at a time.</summary>
    public const int MaxStreams = 8;

    private readonly CacheAllocator allocator;
    private readonly CodeLayout layout;
    private readonly PrecisionProfile profile;
    private readonly TokenMap map;
    private readonly List<TierStore> streams = [];
    private readonly TierStore?[] stores = new TierStore?[KvTier.Count]; // By tier; one without tokens waits here for its next.
    private readonly int[] streamOfTier = new int[KvTier.Count];
    private readonly EncodePlan plan;

    /// <summary>Creates an empty cache.</summary>
    /// <exception cref="ArgumentException">The shape or an option is outside what the formats can hold.</exception>
    public PackedKvCache(CacheShape shape, KvCacheOptions options)
    {
        shape.Validate();
        options.Validate();
        options.Profile.Validate(shape);
        Shape = shape;
        MaxTokens = options.MaxTokens;
        allocator = new CacheAllocator(options.MaxBytes, options.Pool);
        Transform = options.Transform ?? KvTransform.Identity(shape);
        profile = options.Profile;
        layout = new CodeLayout(shape.HeadDim, options.GroupFor(shape), 1, options.Range);
        map = new TokenMap(options.MaxTokens);
        Array.Fill(streamOfTier, -1);
        streamOfTier[KvTier.Dropped.Index] = TokenMap.Nowhere;
        StagingTier = KvTier.Of(options.Staging);
        _ = StreamOf(StagingTier);
        plan = new EncodePlan(options.MaxTokens);
    }

    /// <summary>Dimensions.</summary>
    public CacheShape Shape { get; }

    /// <summary>Most tokens it can hold.</summary>
    public int MaxTokens { get; }

    /// <summary>The space keys and values are stored in.</summary>
    public KvTransform Transform { get; }

    /// <summary>Tier of tokens that are not encoded yet.</summary>
    public KvTier StagingTier { get; }

    /// <summary>First tokens, which lie in the memory of another cache.</summary>
    public int Borrowed { get; private set; }

    /// <summary>Tokens held, staged ones included.</summary>
    public int Count => map.Count;

    /// <summary>Tokens at the end that still wait for their tier.</summary>
    public int Staged { get; private set; }

    /// <summary>Tokens per stream, by stream index; the argument of attention over everything that is held.</summary>
    public ReadOnlySpan<int> Counts => map.Counts;

    internal int GroupSize => layout.GroupSize;

    internal IReadOnlyList<TierStore> Streams => streams;

    internal TokenMap Map => map;

    /// <summary>Tier of the token at a position.</summary>
    public KvTier TierAt(int position) => StoreOf(map.StreamOf(Checked(position)))?.Tier ?? KvTier.Dropped;

    /// <summary>Appends one position to the staging tier; its rows follow by <see cref="WriteKey"/> and <see cref="WriteValue"/>.</summary>
    public TokenPlace Stage()
    {
        TokenPlace place = Place(StagingTier);
        Staged++;
        return place;
    }

    /// <summary>Appends one position that goes straight to a tier; its rows follow by <see cref="WriteKey"/> and <see cref="WriteValue"/>.</summary>
    /// <exception cref="InvalidOperationException">The cache is full, or tokens are staged: they must be encoded first.</exception>
    public TokenPlace Append(KvTier tier) => Staged == 0
        ? Place(tier)
        : throw new InvalidOperationException($"{Staged} staged tokens must be encoded before tokens of known tiers follow");

    /// <summary>Stores a token's key row of one lane, already in the cache's space, in the format of its tier.</summary>
    public void WriteKey(TokenPlace place, int lane, ReadOnlySpan<float> key) => StoreOf(place.Stream)?.WriteKey(place.Slot, lane, key);

    /// <summary>Stores a token's value row of one lane. Keys and values of a lane may be written by different threads, tokens may not.</summary>
    public void WriteValue(TokenPlace place, int lane, ReadOnlySpan<float> value) => StoreOf(place.Stream)?.WriteValue(place.Slot, lane, value);

    /// <summary>Rounds a row as the staging tier would: what a token sees of itself before it is encoded.</summary>
    public void RoundToStaging(Span<float> row)
    {
        if (StagingTier.Keys == BitWidth.Sixteen)
        {
            Binary16.Through(row);
        }
    }

    /// <summary>Reconstructs a position's rows of one lane; zeros where the token was dropped.</summary>
    public void Read(int position, int lane, Span<float> key, Span<float> value)
    {
        if (StoreOf(map.StreamOf(Checked(position))) is { } store)
        {
            store.Read(map.SlotOf(position), lane, key, value);
            return;
        }

        key.Clear();
        value.Clear();
    }

    /// <summary>What a tier would lose of a staged token; 0 where the tier is as wide as staging, 1 where the token is dropped.</summary>
    public ReconstructionError OwnError(int position, KvTier tier)
    {
        int stream = map.StreamOf(Checked(position));
        if (position < Count - Staged)
        {
            throw new ArgumentException($"position {position} is encoded; only the {Staged} staged tokens at the end are whole", nameof(position));
        }

        Span<float> key = stackalloc float[Shape.HeadDim];
        Span<float> value = stackalloc float[Shape.HeadDim];
        float keys = 0f, values = 0f;
        for (int lane = 0; lane < Shape.Lanes; lane++)
        {
            streams[stream].Read(map.SlotOf(position), lane, key, value);
            KvTier own = profile.Of(tier, lane);
            keys += UniformCode.RelativeError(key, own.Keys, layout);
            values += UniformCode.RelativeError(value, own.Values, layout);
        }

        return new ReconstructionError(keys / Shape.Lanes, values / Shape.Lanes);
    }

    /// <summary>
    /// Begins an empty cache as another one begins: whole units are read where they lie, the rest of a unit is copied. The other must stay, with these tokens.
    /// </summary>
    /// <param name="other">A cache of the same shape and options, but for its size.</param>
    /// <param name="tokens">Tokens that it has encoded.</param>
    public void BeginAs(PackedKvCache other, int tokens)
    {
        if (Count > 0 || tokens < 0 || tokens > other.Count - other.Staged || tokens > MaxTokens)
        {
            throw new ArgumentException($"{tokens} tokens: an empty cache begins with at most {Math.Min(other.Count - other.Staged, MaxTokens)} tokens of this one", nameof(tokens));
        }

        Borrowed = tokens;
        map.BeginAs(other.map, tokens);
        for (int i = 0; i < other.streams.Count; i++)
        {
            _ = StreamOf(other.streams[i].Tier);
            streams[i].BeginAs(other.streams[i], map.Counts[i]);
        }
    }

    /// <summary>Forgets the positions from <paramref name="position"/> on and frees their pages.</summary>
    public void Truncate(int position)
    {
        Rewind(position);
        for (int i = 0; i < streams.Count; i++)
        {
            streams[i].Release(map.Counts[i]);
        }

        // Sums follow the order of the streams: it is that of the tokens that are held, whatever was held before.
        for (int last = streams.Count - 1; last > 0 && map.Counts[last] == 0; last--)
        {
            streams[last].Dispose();
            streamOfTier[streams[last].Tier.Index] = -1;
            streams.RemoveAt(last);
        }
    }

    /// <summary>Forgets the positions from <paramref name="position"/> on but keeps their memory, for another branch of the same prefix.</summary>
    public void Rewind(int position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, Borrowed);
        int encoded = Count - Staged;
        map.Truncate(position);
        Staged = Math.Max(0, Count - encoded);
    }

    /// <summary>What the cache holds and what it costs, by its allocator.</summary>
    public CacheStatistics Statistics()
    {
        List<TierStatistics> tiers = [];
        foreach ((int stream, TierStore store) in streams.Index())
        {
            tiers.Add(new TierStatistics(store.Tier, map.Counts[stream], store.AllocatedBytes, map.Counts[stream] * store.Footprint.BytesPerToken));
        }

        if (map.Dropped > 0)
        {
            tiers.Add(new TierStatistics(KvTier.Dropped, map.Dropped, 0, 0));
        }

        return new CacheStatistics(Count, Staged, allocator.Bytes, allocator.PeakBytes, Shape.ElementsPerToken, tiers);
    }

    /// <inheritdoc/>
    public void Dispose() => streams.ForEach(store => store.Dispose());

    /// <summary>Index of a tier's stream, made on first use.</summary>
    internal int StreamOf(KvTier tier)
    {
        int stream = streamOfTier[tier.Index];
        if (stream >= 0)
        {
            return stream;
        }

        if (streams.Count == MaxStreams)
        {
            throw new InvalidOperationException($"tier {tier}: a cache holds at most {MaxStreams} tiers");
        }

        streams.Add(stores[tier.Index] ??= new TierStore(tier, Shape, layout, profile, allocator));
        return streamOfTier[tier.Index] = streams.Count - 1;
    }

    private TokenPlace Place(KvTier tier)
    {
        if (map.Count == MaxTokens)
        {
            throw new InvalidOperationException($"the cache is full: {MaxTokens} tokens; create it with a larger MaxTokens");
        }

        int stream = StreamOf(tier);
        StoreOf(stream)?.Reserve(map.Counts[stream] + 1);
        return new TokenPlace(stream, map.Append(stream));
    }

    private TierStore? StoreOf(int stream) => stream == TokenMap.Nowhere ? null : streams[stream];

    private int Checked(int position) =>
        (uint)position < (uint)Count ? position : throw new ArgumentOutOfRangeException(nameof(position), position, $"the cache holds {Count} tokens");
}
