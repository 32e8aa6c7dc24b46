using AdaptiveKv.Inference;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation;

/// <summary>Scores the endings of multiple-choice items with one policy: the shared context once, the endings as branches of it.</summary>
public sealed class EndingScorer : IDisposable
{
    /// <summary>Prepares a cache and scratch memory for items of up to <paramref name="maxTokens"/> tokens.</summary>
    public EndingScorer(LlamaModel model, PrecisionPolicy policy, CacheMode mode, int threads, int maxTokens) =>
        throw new NotImplementedException($"{model} {policy} {mode} {threads} {maxTokens}");

    /// <summary>Log-likelihood of every ending after the context.</summary>
    /// <param name="context">At least one token.</param>
    /// <param name="endings">Each at least one token.</param>
    public EndingScores Score(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
