using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Collection;

/// <summary>The teacher: reads a sequence at 16 bits and keeps every feature of every token, and the logits after each.</summary>
internal sealed class SequencePass : IDisposable
{
    private readonly Session session;
    private readonly SaliencyTracker tracker;
    private readonly int longest;

    /// <param name="model">The model.</param>
    /// <param name="rarity">Of its tokens.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Longest sequence.</param>
    public SequencePass(LlamaModel model, RarityTable rarity, EngineSetup setup, int maxTokens)
    {
        longest = maxTokens;
        Predictions = new ReferencePredictions(maxTokens, model.Shape.Vocabulary);
        tracker = new SaliencyTracker(model, SaliencyFeatures.All, rarity, maxTokens, SaliencyTracker.Window);
        session = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            MaxBatch = maxTokens,
            RecordSignals = tracker.NeedsSignals,
            SignalWindow = tracker.SignalWindow,
            Cache = setup.Code with { MaxTokens = maxTokens },
        });
    }

    /// <summary>The predictions after every token of the last sequence.</summary>
    public ReferencePredictions Predictions { get; }

    /// <summary>Features of a token of the last sequence by <see cref="SaliencyFeature"/>.</summary>
    public ReadOnlySpan<float> Saliency(int position) => tracker.Of(position);

    /// <summary>Reads a sequence.</summary>
    public void Read(int[] tokens)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, longest, nameof(tokens));
        session.Cache.Truncate(0);
        session.Prefill(tokens);
        session.VisitLogits(0, tokens.Length, (row, values) =>
        {
            Predictions.Store(row, values);
            tracker.Add(session, row, row, tokens[row], values);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
