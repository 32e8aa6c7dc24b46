using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>The operations of one tier, bound once to the formats of its keys and values; a new width is one arm of each switch.</summary>
internal abstract unsafe class TierCodec
{
    private static readonly TierCodec?[] Known = new TierCodec?[KvTier.Count];

    /// <summary>8 where keys or values are interleaved codes, else 1.</summary>
    public abstract int TokensPerUnit { get; }

    public abstract int KeyBytes(in CodeLayout layout);

    public abstract int ValueBytes(in CodeLayout layout);

    /// <summary>Bytes of one token's key on its own; its value lies behind it.</summary>
    public abstract int KeyRowBytes(in CodeLayout layout);

    /// <summary>Bytes of one token's key and value on their own.</summary>
    public abstract int RowBytes(in CodeLayout layout);

    /// <summary>Encodes one token's key row.</summary>
    public abstract void WriteKey(byte* unit, int token, ReadOnlySpan<float> key, in CodeLayout layout);

    /// <summary>Encodes one token's value row.</summary>
    public abstract void WriteValue(byte* unit, int keyBytes, int token, ReadOnlySpan<float> value, in CodeLayout layout);

    /// <summary>Encodes one token's key on its own.</summary>
    public abstract void WriteKeyRow(byte* row, ReadOnlySpan<float> key, in CodeLayout layout);

    /// <summary>Encodes one token's value on its own.</summary>
    public abstract void WriteValueRow(byte* row, ReadOnlySpan<float> value, in CodeLayout layout);

    /// <summary>Copies what is a token's out of a unit.</summary>
    public abstract void Extract(byte* unit, int keyBytes, int token, byte* row, in CodeLayout layout);

    /// <summary>Makes a unit of tokens on their own.</summary>
    public abstract void Assemble(byte** rows, int count, byte* unit, int keyBytes, in CodeLayout layout);

    /// <summary>Reconstructs one token's key and value rows.</summary>
    public abstract void Read(byte* unit, int keyBytes, int token, Span<float> key, Span<float> value, in CodeLayout layout);

    /// <summary>Adds the tokens of a lane's stream that each target sees, from <paramref name="from"/> on, to its running softmax, block by block.</summary>
    /// <param name="store">The stream's tier.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="from">First token, of a block of 32.</param>
    /// <param name="targets">At least one; later ones see no fewer tokens, the last at least <paramref name="from"/> + 1.</param>
    /// <param name="room">[32][HeadDim] where blocks are spread out once for all targets; null where each target reads them as they are.</param>
    /// <param name="clock">Splits the time; null where nobody wants to know.</param>
    public abstract void Attend(TierStore store, int lane, int from, ReadOnlySpan<AttentionTarget> targets, float* room, AttentionClock? clock);

    /// <summary>The codec of a tier.</summary>
    public static TierCodec For(KvTier tier) => Known[tier.Index] ??= tier.Keys switch
    {
        BitWidth.Two => WithKeys<CodedKeys<Planes2>>(tier),
        BitWidth.Three => WithKeys<CodedKeys<Planes3>>(tier),
        BitWidth.Four => WithKeys<CodedKeys<Planes4>>(tier),
        BitWidth.Eight => WithKeys<CodedKeys<Planes8>>(tier),
        BitWidth.Sixteen => WithKeys<FloatKeys<HalfRow>>(tier),
        BitWidth.ThirtyTwo => WithKeys<FloatKeys<Float32Row>>(tier),
        _ => throw new ArgumentException($"tier {tier}: dropped tokens have no format", nameof(tier)),
    };

    private static TierCodec WithKeys<TKeys>(KvTier tier)
        where TKeys : struct, IKeyFormat => tier.Values switch
        {
            BitWidth.Two => new PairCodec<TKeys, CodedValues<Planes2>>(),
            BitWidth.Three => new PairCodec<TKeys, CodedValues<Planes3>>(),
            BitWidth.Four => new PairCodec<TKeys, CodedValues<Planes4>>(),
            BitWidth.Eight => new PairCodec<TKeys, CodedValues<Planes8>>(),
            BitWidth.Sixteen => new PairCodec<TKeys, FloatValues<HalfRow>>(),
            _ => new PairCodec<TKeys, FloatValues<Float32Row>>(),
        };
}
