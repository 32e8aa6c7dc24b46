using System.Diagnostics;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>
/// Scores the endings of multiple-choice items with one policy: what all items begin with once, each item's context once, the endings as branches of it.
/// The last token of an ending is scored but never fed.
/// </summary>
public sealed class EndingScorer : IDisposable
{
    private readonly PrecisionPolicy policy;
    private readonly AdaptiveSession session;
    private readonly BranchBatch batch;
    private readonly ReferencePass? reference;
    private readonly List<KvTier> tiers = [];
    private readonly int shared;
    private readonly int prompt;
    private readonly bool featuresAreKnown;
    private PolicyPoint? start;
    private EndingTally tally = null!;
    private CacheStatistics fullest = new(0, 0, 0, 0, 1, []);

    /// <summary>Prepares a cache and scratch memory for items of up to <paramref name="maxTokens"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy">Chooses the tiers.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Context and longest ending together.</param>
    /// <param name="reference">The items at 16 bits; null where nothing is compared with them.</param>
    /// <param name="shared">Tokens that all contexts begin with.</param>
    /// <param name="prompt">How long a context these take themselves to be of, for they are read before any.</param>
    public EndingScorer(
        LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens, ReferencePass? reference = null, int shared = 0, int prompt = 0)
    {
        this.policy = policy;
        this.reference = reference;
        (this.shared, this.prompt) = (shared, prompt);

        // Errors hang on how the cache is coded, and what a token receives on how long its tier can wait.
        // Nor does the reference know what any probe but one says.
        featuresAreKnown = mode == CacheMode.TwoPass && reference is not null && policy.Features.Count > 0 && !policy.LooksAtErrors && !policy.Features.Contains(SaliencyFeature.AttentionReceived)
            && (policy.Probe is null || policy.Probe == reference.Probe);
        session = new AdaptiveSession(model, policy, mode, setup, maxTokens, featuresAreKnown ? SaliencyNeeds.None : null);
        batch = new BranchBatch(session.Engine, setup.Batch);
    }

    /// <summary>Log-likelihood of every ending after the context.</summary>
    /// <param name="context">At least one token more than those that are shared.</param>
    /// <param name="endings">Each at least one token.</param>
    public EndingScores Score(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        tally = new EndingTally(endings, reference?.Of(context, endings));
        Tell(-1, 0, context);
        start ??= ReadShared(context[..shared]);
        long begun = Stopwatch.GetTimestamp();
        session.Return(start);
        session.PromptEnd = context.Length;
        policy.Begin(SequenceName.Of(context, endings));
        fullest = fullest with { Tokens = 0 };
        tiers.Clear();
        if (policy.Recent == 0 && session.Mode == CacheMode.TwoPass && (featuresAreKnown || !policy.LooksAtTokens))
        {
            ScoreTogether(context, endings);
        }
        else
        {
            ScoreApart(context, endings);
        }

        TimeSpan time = Stopwatch.GetElapsedTime(begun) - tally.Comparing;
        int tokens = context.Length - shared + endings.Sum(ending => ending.Length - 1);
        long[] counts = new long[KvTier.Count];
        tiers.ForEach(tier => counts[tier.Index]++);
        return new EndingScores(tally.LogLikelihood, tokens, fullest.Bytes, fullest.Tokens, fullest.EffectiveBits, counts, time.TotalMilliseconds)
        {
            Tiers = [.. tiers],
            Divergence = tally.Divergence,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    // The first item's context and features begin as all do.
    private PolicyPoint ReadShared(ReadOnlySpan<int> tokens)
    {
        session.Truncate(0);
        session.PromptEnd = prompt;
        policy.Begin(SequenceName.Of(tokens));
        session.Advance(tokens, null);
        return session.Pin();
    }

    // Context and endings go through the layers in the same batch.
    private void ScoreTogether(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        batch.Start(tally.Add);
        Count(0);
        Feed(-1, context[shared..], shared);
        for (int i = 0; i < endings.Count; i++)
        {
            ReadOnlySpan<int> fed = endings[i].AsSpan(0, endings[i].Length - 1);
            Tell(i, context.Length, fed);
            Feed(i, fed, context.Length);
        }

        batch.Flush();

        fullest = Longest(context.Length, endings);

        void Feed(int ending, ReadOnlySpan<int> tokens, int position)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                bool wanted = ending >= 0 || i == tokens.Length - 1;
                KvTier tier = session.TierOf(position + i);
                tiers.Add(tier);
                batch.Add(tokens[i], position + i, tier, i == 0, wanted, (ending, i));
            }
        }
    }

    // The branches shared their memory, and each took most of another tier: what one of them needs is seen when the longest has the cache to itself. Its
    // rows were summed and are not written again.
    private CacheStatistics Longest(int context, IReadOnlyList<int[]> endings)
    {
        PackedKvCache cache = session.Engine.Cache;
        int longest = 0;
        int first = context;
        for (int i = 1, start = context; i < endings.Count; i++)
        {
            start += endings[i - 1].Length - 1;
            (longest, first) = endings[i].Length > endings[longest].Length ? (i, start) : (longest, first);
        }

        cache.Truncate(context);
        for (int i = 0; i < endings[longest].Length - 1; i++)
        {
            _ = cache.Append(tiers[first + i]);
        }

        return cache.Statistics();
    }

    // Policies share the reference, but each may bring a rarity table of its own. The context is ending -1.
    private void Tell(int ending, int start, ReadOnlySpan<int> tokens)
    {
        Span<float> seen = stackalloc float[SaliencyFeatures.All.Count];
        for (int i = 0; featuresAreKnown && i < tokens.Length; i++)
        {
            tally.Saliency(ending, i).CopyTo(seen);
            seen[(int)SaliencyFeature.Rarity] = policy.Rarity?[tokens[i]] ?? seen[(int)SaliencyFeature.Rarity];
            session.Tell(start + i, seen);
        }
    }

    // Endings one after the other: each takes what was recent in the context to its tiers anew.
    private void ScoreApart(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        Advance(-1, context[shared..]);
        PolicyPoint branches = session.Pin();
        for (int ending = 0; ending < endings.Count; ending++)
        {
            ReadOnlySpan<int> fed = endings[ending].AsSpan(0, endings[ending].Length - 1);
            session.Return(branches);
            Tell(ending, context.Length, fed);
            Advance(ending, fed);
            Count(ending == 0 ? 0 : context.Length);
            if (session.Engine.Cache.Count > fullest.Tokens)
            {
                fullest = session.Engine.Cache.Statistics();
            }
        }
    }

    // Of the context only the last prediction counts.
    private void Advance(int ending, ReadOnlySpan<int> tokens) =>
        session.Advance(tokens, (row, logits) => tally.Add(ending, ending < 0 ? 0 : row, logits), ending < 0 ? tokens.Length - 1 : 0);

    private void Count(int from)
    {
        for (int position = from; position < session.Engine.Cache.Count; position++)
        {
            tiers.Add(session.Engine.Cache.TierAt(position));
        }
    }
}
