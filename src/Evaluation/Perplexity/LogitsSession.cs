using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>A model reading one sequence piece by piece under one policy.</summary>
public abstract class LogitsSession : IDisposable
{
    /// <summary>Forgets the sequence.</summary>
    public abstract void Reset();

    /// <summary>Reads the next tokens.</summary>
    /// <param name="tokens">At least one.</param>
    /// <param name="visit">Called for each token in order, on the calling thread; null where no logits are wanted, which saves the output matrix.</param>
    public abstract void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit);

    /// <summary>What the cache holds now.</summary>
    public abstract CacheStatistics Statistics();

    /// <inheritdoc/>
    public abstract void Dispose();
}
