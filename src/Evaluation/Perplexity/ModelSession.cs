using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>The session of a real model; its cache is filled as the mode says.</summary>
internal sealed class ModelSession : LogitsSession
{
    private readonly AdaptiveSession session;

    /// <summary>Prepares a cache and scratch memory for sequences of up to <paramref name="maxTokens"/> tokens.</summary>
    public ModelSession(LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens) =>
        session = new AdaptiveSession(model, policy, mode, setup, maxTokens);

    public override void Reset() => session.Cache.Truncate(0);

    public override void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit) => session.Advance(tokens, visit);

    public override CacheStatistics Statistics() => session.Cache.Statistics();

    public override void Dispose() => session.Dispose();
}
