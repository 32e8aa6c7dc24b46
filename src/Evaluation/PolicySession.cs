using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation;

/// <summary>A session whose cache is filled as a policy and a mode say.</summary>
internal sealed class PolicySession : IDisposable
{
    private const int MaxBatch = 256;

    private readonly PrecisionPolicy policy;
    private readonly KvTier[] tiers = new KvTier[MaxBatch];

    public PolicySession(LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens)
    {
        this.policy = policy;
        Mode = mode;
        Engine = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            MaxBatch = MaxBatch,
            PreciseAttention = setup.PreciseAttention,
            Cache = setup.Code with { MaxTokens = maxTokens, Staging = policy.Staging },
        });
    }

    public CacheMode Mode { get; }

    public Session Engine { get; }

    /// <summary>Tokens one call of <see cref="Advance"/> takes.</summary>
    public static int Limit => MaxBatch;

    /// <summary>Reads up to <see cref="Limit"/> tokens after what the cache holds and leaves them encoded.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="visit">Called with the row of each token, in order; null where no logits are wanted.</param>
    public void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit)
    {
        int start = Engine.Cache.Count;
        if (Mode == CacheMode.Decode)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                Span<float> logits = Engine.Decode(tokens[i]);
                Engine.Encode(policy.Choose(start + i));
                visit?.Invoke(i, logits);
            }

            return;
        }

        Span<KvTier> chosen = tiers.AsSpan(0, tokens.Length);
        policy.Choose(start, chosen);
        Engine.Run(tokens, [new Segment(start, tokens.Length)], Mode == CacheMode.TwoPass ? chosen : []);
        if (visit is not null)
        {
            Engine.VisitLogits(0, tokens.Length, visit);
        }

        if (Mode == CacheMode.Prefill)
        {
            Engine.Encode(chosen);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();
}
