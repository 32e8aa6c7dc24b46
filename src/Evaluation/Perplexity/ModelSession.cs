using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>A model's session: one cache, filled as the mode says.</summary>
public sealed class ModelSession : LogitsSession
{
    /// <summary>Prepares a cache and scratch memory for sequences of up to <paramref name="maxTokens"/> tokens.</summary>
    public ModelSession(LlamaModel model, PrecisionPolicy policy, CacheMode mode, int threads, int maxTokens) =>
        throw new NotImplementedException($"{model} {policy} {mode} {threads} {maxTokens}");

    /// <inheritdoc/>
    public override void Reset() => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override CacheStatistics Statistics() => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Dispose()
    {
    }
}
