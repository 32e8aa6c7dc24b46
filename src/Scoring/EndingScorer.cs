using System.Diagnostics;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Scoring;

/// <summary>
/// Scores the endings of multiple-choice items with one policy: the shared context once, the endings as branches of it. The last token of
/// an ending is scored but never fed.
/// </summary>
public sealed class EndingScorer : IDisposable
{
    private readonly PrecisionPolicy policy;
    private readonly PolicySession session;
    private readonly BranchBatch batch;
    private readonly ReferencePass? reference;
    private readonly List<KvTier> tiers = [];
    private readonly float[] seen = new float[SaliencyFeatures.All.Count];
    private EndingTally tally = null!;
    private CacheStatistics fullest = new(0, 0, 0, 1, []);

    /// <summary>Prepares a cache and scratch memory for items of up to <paramref name="maxTokens"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy">Chooses the tiers.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Context and longest ending together.</param>
    /// <param name="reference">The items at 16 bits; null where nothing is compared with them.</param>
    public EndingScorer(
        LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens, ReferencePass? reference = null)
    {
        this.policy = policy;
        this.reference = reference;
        session = new PolicySession(model, policy, mode, setup, maxTokens);
        batch = new BranchBatch(session.Engine, PolicySession.Limit);
    }

    /// <summary>Log-likelihood of every ending after the context.</summary>
    /// <param name="context">At least one token.</param>
    /// <param name="endings">Each at least one token.</param>
    public EndingScores Score(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        tally = new EndingTally(endings, reference?.Of(context, endings));
        long start = Stopwatch.GetTimestamp();
        session.Engine.Cache.Truncate(0);
        policy.Begin(SequenceName.Of(context, endings));
        fullest = fullest with { Tokens = 0 };
        tiers.Clear();
        int contexts = 1;
        if (TiersAreKnown)
        {
            ScoreTogether(context, endings);
        }
        else
        {
            // An ending encodes what was recent in the context, so each one needs a context of its own.
            contexts = policy.Recent > 0 ? endings.Count : 1;
            ScoreApart(context, endings);
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start) - tally.Comparing;
        int tokens = (contexts * context.Length) + endings.Sum(ending => ending.Length - 1);
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

    private bool TiersAreKnown =>
        session.Mode == CacheMode.TwoPass && policy is { Recent: 0, LooksAtErrors: false } && (policy.Features.Count == 0 || reference is not null);

    // Context and endings go through the layers in the same batch.
    private void ScoreTogether(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        batch.Start(row => tally.Add(row.Ending, row.Index, row.Logits));
        Feed(context, 0, ending: -1);
        for (int i = 0; i < endings.Count; i++)
        {
            Feed(endings[i].AsSpan(0, endings[i].Length - 1), context.Length, i);
        }

        batch.Flush();

        // The branches shared their memory, so what is allocated now is what the longest one needs.
        fullest = session.Engine.Cache.Statistics() with { Tokens = context.Length + endings.Max(ending => ending.Length) - 1 };

        void Feed(ReadOnlySpan<int> tokens, int position, int ending)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                bool wanted = ending >= 0 || i == tokens.Length - 1;
                KvTier tier = policy.Features.Count == 0 ? policy.Choose(position + i) : policy.Choose(new TokenView(position + i, Seen(ending, i, tokens[i]), NoError));
                tiers.Add(tier);
                batch.Add(tokens[i], position + i, tier, i == 0, wanted, (ending, i));
            }
        }
    }

    // Policies share the reference, but each may bring a rarity table of its own.
    private ReadOnlySpan<float> Seen(int ending, int index, int token)
    {
        ReadOnlySpan<float> known = tally.Saliency(ending, index);
        if (policy.Rarity is not { } rarity)
        {
            return known;
        }

        known.CopyTo(seen);
        seen[(int)SaliencyFeature.Rarity] = rarity[token];
        return seen;
    }

    private static ReconstructionError NoError(int position, KvTier tier) => throw new InvalidOperationException("the policy does not look at errors");

    private void ScoreApart(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        ReadContext(context, wanted: true);
        for (int ending = 0; ending < endings.Count; ending++)
        {
            int[] tokens = endings[ending];
            if (ending > 0 && policy.Recent > 0)
            {
                session.Engine.Cache.Truncate(0);
                ReadContext(context, wanted: false);
            }

            session.Truncate(context.Length);
            for (int done = 0; done < tokens.Length - 1; done += PolicySession.Limit)
            {
                int first = done;
                int own = ending;
                session.Advance(tokens.AsSpan(done, Math.Min(PolicySession.Limit, tokens.Length - 1 - done)), (row, logits) => tally.Add(own, first + row, logits));
            }

            Count(ending == 0 ? 0 : context.Length);
            if (session.Engine.Cache.Count > fullest.Tokens)
            {
                fullest = session.Engine.Cache.Statistics();
            }
        }
    }

    private void ReadContext(ReadOnlySpan<int> context, bool wanted)
    {
        for (int done = 0; done < context.Length; done += PolicySession.Limit)
        {
            int count = Math.Min(PolicySession.Limit, context.Length - done);
            int lastRow = context.Length - 1 - done;
            session.Advance(context.Slice(done, count), !wanted || lastRow >= count ? null : (row, logits) =>
            {
                if (row == lastRow)
                {
                    tally.Add(-1, 0, logits);
                }
            });
        }

        session.Pin();
    }

    private void Count(int from)
    {
        for (int position = from; position < session.Engine.Cache.Count; position++)
        {
            tiers.Add(session.Engine.Cache.TierAt(position));
        }
    }
}
