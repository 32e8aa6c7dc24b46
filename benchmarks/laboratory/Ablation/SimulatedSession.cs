using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>
/// Reads token by token, or in groups for codes that need them, and replaces what was cached by what a simulated code would give back. The
/// cache is at 32 bits; its costs are those of the code's formula.
/// </summary>
internal sealed class SimulatedSession : LogitsSession
{
    private static readonly KvTier Whole = KvTier.Of(BitWidth.ThirtyTwo);

    private readonly SimulatedCode code;
    private readonly KvTier tier;
    private readonly int sinks;
    private readonly Session session;
    private readonly float[] keys;
    private readonly float[] values;

    /// <param name="model">The model.</param>
    /// <param name="code">The code.</param>
    /// <param name="bits">Its bits, for the histogram.</param>
    /// <param name="sinks">First tokens that are left whole; they count as 16 bits.</param>
    /// <param name="setup">Threads and transform.</param>
    /// <param name="maxTokens">Longest sequence.</param>
    public SimulatedSession(LlamaModel model, SimulatedCode code, BitWidth bits, int sinks, EngineSetup setup, int maxTokens)
    {
        this.code = code;
        this.sinks = sinks;
        tier = KvTier.Of(bits);
        session = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            MaxBatch = code.Tokens,
            Cache = setup.Code with { MaxTokens = maxTokens, Staging = BitWidth.ThirtyTwo },
        });
        CacheShape shape = model.CacheShape;
        keys = new float[shape.Lanes * code.Tokens * shape.HeadDim];
        values = new float[keys.Length];
    }

    /// <inheritdoc/>
    public override void Reset() => session.Cache.Truncate(0);

    /// <inheritdoc/>
    public override void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit)
    {
        for (int done = 0; done < tokens.Length;)
        {
            int count = Math.Min(code.Tokens - session.Cache.Staged, tokens.Length - done);
            if (code.Tokens == 1)
            {
                Span<float> logits = session.Decode(tokens[done]);
                visit?.Invoke(done, logits);
            }
            else
            {
                session.Prefill(tokens.Slice(done, count));
                int first = done;
                if (visit is not null)
                {
                    session.VisitLogits(0, count, (row, logits) => visit(first + row, logits));
                }
            }

            done += count;
            if (session.Cache.Staged == code.Tokens)
            {
                Replace();
            }
        }
    }

    /// <inheritdoc/>
    public override CacheStatistics Statistics()
    {
        PackedKvCache cache = session.Cache;
        int whole = Math.Min(cache.Count, sinks);
        double bits = (whole * (double)BitWidth.Sixteen) + ((cache.Count - whole) * code.BitsPerElement(cache.Shape.HeadDim));
        long bytes = (long)(bits * cache.Shape.ElementsPerToken / 8);
        return new CacheStatistics(cache.Count, 0, bytes, bytes, cache.Shape.ElementsPerToken, [new TierStatistics(tier, cache.Count, bytes, bytes)]);
    }

    /// <inheritdoc/>
    public override void Dispose() => session.Dispose();

    private void Replace()
    {
        PackedKvCache cache = session.Cache;
        int headDim = cache.Shape.HeadDim;
        int laneLength = code.Tokens * headDim;
        int start = cache.Count - code.Tokens;
        for (int lane = 0; lane < cache.Shape.Lanes; lane++)
        {
            Span<float> laneKeys = keys.AsSpan(lane * laneLength, laneLength);
            Span<float> laneValues = values.AsSpan(lane * laneLength, laneLength);
            for (int i = 0; i < code.Tokens; i++)
            {
                cache.Read(start + i, lane, laneKeys.Slice(i * headDim, headDim), laneValues.Slice(i * headDim, headDim));
            }

            if (start >= sinks)
            {
                code.Reconstruct(laneKeys, laneValues, headDim);
            }
        }

        cache.Rewind(start);
        for (int i = 0; i < code.Tokens; i++)
        {
            TokenPlace place = cache.Append(Whole);
            for (int lane = 0; lane < cache.Shape.Lanes; lane++)
            {
                cache.WriteKey(place, lane, keys.AsSpan((lane * laneLength) + (i * headDim), headDim));
                cache.WriteValue(place, lane, values.AsSpan((lane * laneLength) + (i * headDim), headDim));
            }
        }
    }
}
