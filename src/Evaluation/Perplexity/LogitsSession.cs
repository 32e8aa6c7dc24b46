using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>A model reading one sequence chunk by chunk under one policy.</summary>
internal abstract class LogitsSession : IDisposable
{
    /// <summary>Forgets the sequence.</summary>
    public abstract void Reset();

    /// <summary>Reads the next tokens.</summary>
    /// <param name="tokens">1 to <see cref="PerplexityEvaluation.ChunkLength"/>.</param>
    /// <param name="visit">Called for each token in order, its row counted from 0, on the calling thread; null where no logits are wanted, which saves the output matrix.</param>
    public abstract void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit);

    /// <summary>What the cache holds now.</summary>
    public abstract CacheStatistics Statistics();

    public abstract void Dispose();
}
