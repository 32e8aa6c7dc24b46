using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Collection;

/// <summary>The teacher: reads a sequence at 16 bits and keeps every feature of every token, and the logits after each.</summary>
internal sealed class SequencePass : IDisposable
{
    private readonly AdaptiveSession session;

    /// <param name="model">The model.</param>
    /// <param name="needs">What is kept of them.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Longest sequence.</param>
    public SequencePass(LlamaModel model, SaliencyNeeds needs, EngineSetup setup, int maxTokens)
    {
        Predictions = new ReferencePredictions(maxTokens, model.Shape.Vocabulary);
        session = new AdaptiveSession(model, PolicyCatalog.ParseOne("static-16"), CacheMode.Prefill, setup with { Batch = maxTokens }, maxTokens, needs);
    }

    /// <summary>The predictions after every token of the last sequence.</summary>
    public ReferencePredictions Predictions { get; }

    /// <summary>Features of a token of the last sequence by <see cref="SaliencyFeature"/>.</summary>
    public ReadOnlySpan<float> Saliency(int position) => session.Saliency(position);

    /// <summary>[hidden] of a token of the last sequence, where hidden states are kept.</summary>
    public ReadOnlySpan<float> Hidden(int position) => session.Engine.Hidden(position); // A sequence is one batch.

    /// <summary>Reads a sequence.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="prompt">Its first tokens that are given; 0 where every prediction counts.</param>
    public void Read(int[] tokens, int prompt)
    {
        session.Truncate(0);
        session.PromptEnd = prompt;
        session.Advance(tokens, (row, logits) => Predictions.Store(row, logits));
    }

    public void Dispose() => session.Dispose();
}
