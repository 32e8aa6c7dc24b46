using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Runs items at 16 bits, once for all policies that are compared on them.</summary>
public sealed class ReferencePass : IDisposable
{
    private readonly AdaptiveSession session;
    private readonly int vocabulary;
    private readonly int shared;
    private readonly int prompt;
    private readonly ReferenceItem beginning;
    private readonly Lock gate = new();
    private (IReadOnlyList<int[]> Endings, ReferenceItem Item)? latest;
    private PolicyPoint? start;

    /// <summary>Prepares a cache for items of up to <paramref name="maxTokens"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policies">Those that are compared; they say which features are needed.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Context and longest ending together.</param>
    /// <param name="keepPredictions">Whether divergences from the reference are wanted.</param>
    /// <param name="shared">Tokens that all contexts begin with.</param>
    /// <param name="prompt">How long a context these take themselves to be of, for they are read before any.</param>
    public ReferencePass(LlamaModel model, IReadOnlyList<PrecisionPolicy> policies, EngineSetup setup, int maxTokens, bool keepPredictions, int shared = 0, int prompt = 0)
    {
        (this.shared, this.prompt) = (shared, prompt);
        beginning = new ReferenceItem(shared, [], vocabulary: 0);
        vocabulary = keepPredictions ? model.Shape.Vocabulary : 0;
        SaliencyFeature[] features = [.. policies.SelectMany(policy => policy.Features).Distinct()];
        Probe = policies.Select(policy => policy.Probe).FirstOrDefault(probe => probe is not null);
        SaliencyNeeds needs = new(features, policies.Select(policy => policy.Rarity).FirstOrDefault(table => table is not null), Window: 0) { Probe = Probe, HiddenLayer = Probe?.Layer ?? 0 };
        session = new AdaptiveSession(model, PolicyCatalog.ParseOne("static-16"), CacheMode.Prefill, setup, maxTokens, needs);
    }

    /// <summary>The probe whose word it knows; of policies with several the first one's.</summary>
    internal HiddenProbe? Probe { get; }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    /// <summary>The item, run unless it was the last one asked for; policies that ask side by side get the same.</summary>
    internal ReferenceItem Of(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        using Lock.Scope own = gate.EnterScope();
        if (latest is { } known && ReferenceEquals(known.Endings, endings))
        {
            return known.Item;
        }

        ReferenceItem item = new(context.Length, endings, vocabulary);
        if (start is null)
        {
            session.Truncate(0);
            session.PromptEnd = prompt;
            Read(context[..shared], 0, beginning, -1);
            start = session.Pin();
        }

        session.Return(start);
        session.PromptEnd = context.Length;
        item.BeginAs(beginning);
        Read(context[shared..], shared, item, -1);
        PolicyPoint branches = session.Pin();
        for (int ending = 0; ending < endings.Count; ending++)
        {
            session.Return(branches);
            Read(endings[ending].AsSpan(0, endings[ending].Length - 1), 0, item, ending);
        }

        latest = (endings, item);
        return item;
    }

    // Tokens of a context or an ending, from an index in it on. Of the context only the last prediction counts.
    private void Read(ReadOnlySpan<int> tokens, int index, ReferenceItem item, int ending)
    {
        int first = session.Cache.Count;
        LogitsVisitor? store = item.HasPredictions ? (row, logits) => item.Predictions(ending).Store(ending < 0 ? 0 : row, logits) : null;
        session.Advance(tokens, store, ending < 0 ? tokens.Length - 1 : 0);
        for (int i = 0; i < tokens.Length; i++)
        {
            session.Saliency(first + i).CopyTo(item.Saliency(ending, index + i));
        }
    }
}
