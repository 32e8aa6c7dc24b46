using System.Diagnostics;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

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
    private readonly long[] tierCounts = new long[KvTier.Count];
    private CacheStatistics fullest = new(0, 0, 0, 1, []);

    /// <summary>Prepares a cache and scratch memory for items of up to <paramref name="maxTokens"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy">Chooses the tiers.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Context and longest ending together.</param>
    public EndingScorer(LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens)
    {
        this.policy = policy;
        session = new PolicySession(model, policy, mode, setup, maxTokens);
        batch = new BranchBatch(session.Engine, PolicySession.Limit);
    }

    /// <summary>Log-likelihood of every ending after the context.</summary>
    /// <param name="context">At least one token.</param>
    /// <param name="endings">Each at least one token.</param>
    public EndingScores Score(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings)
    {
        long start = Stopwatch.GetTimestamp();
        double[] sums = new double[endings.Count];
        session.Engine.Cache.Truncate(0);
        fullest = fullest with { Tokens = 0 };
        Array.Clear(tierCounts);
        int contexts = 1;
        if (session.Mode == CacheMode.TwoPass && policy is { Recent: 0, LooksAtTokens: false })
        {
            ScoreTogether(context, endings, sums);
        }
        else
        {
            // An ending encodes what was recent in the context, so each one needs a context of its own.
            contexts = policy.Recent > 0 ? endings.Count : 1;
            ScoreApart(context, endings, sums);
        }

        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        int tokens = (contexts * context.Length) + endings.Sum(ending => ending.Length - 1);
        return new EndingScores(
            sums, tokens, fullest.Bytes, fullest.Tokens, fullest.EffectiveBits, [.. tierCounts], milliseconds);
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    // The tiers are known beforehand, so context and endings go through the layers in the same batch.
    private void ScoreTogether(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings, double[] sums)
    {
        batch.Start(row => Visit(row));
        Feed(context, 0, endings, ending: -1);
        for (int i = 0; i < endings.Count; i++)
        {
            Feed(endings[i].AsSpan(0, endings[i].Length - 1), context.Length, endings, i);
        }

        batch.Flush();

        // The branches shared their memory, so what is allocated now is what the longest one needs.
        fullest = session.Engine.Cache.Statistics() with { Tokens = context.Length + endings.Max(ending => ending.Length) - 1 };

        void Feed(ReadOnlySpan<int> tokens, int position, IReadOnlyList<int[]> all, int ending)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                bool wanted = ending >= 0 || i == tokens.Length - 1;
                KvTier tier = policy.Choose(position + i);
                tierCounts[tier.Index]++;
                batch.Add(tokens[i], position + i, tier, i == 0, wanted, (ending, i));
            }
        }

        void Visit(BranchRow row)
        {
            if (row.Ending >= 0)
            {
                sums[row.Ending] += LogProbabilities.Of(row.Logits, endings[row.Ending][row.Index + 1]);
                return;
            }

            AddFirst(row.Logits, endings, sums);
        }
    }

    private void ScoreApart(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings, double[] sums)
    {
        ReadContext(context, logits => AddFirst(logits, endings, sums));
        for (int ending = 0; ending < endings.Count; ending++)
        {
            int[] tokens = endings[ending];
            if (ending > 0 && policy.Recent > 0)
            {
                session.Engine.Cache.Truncate(0);
                ReadContext(context, null);
            }

            session.Engine.Cache.Truncate(context.Length);
            for (int done = 0; done < tokens.Length - 1; done += PolicySession.Limit)
            {
                int first = done;
                int own = ending;
                session.Advance(tokens.AsSpan(done, Math.Min(PolicySession.Limit, tokens.Length - 1 - done)), (row, logits) =>
                    sums[own] += LogProbabilities.Of(logits, tokens[first + row + 1]));
            }

            Count(ending == 0 ? 0 : context.Length);
            if (session.Engine.Cache.Count > fullest.Tokens)
            {
                fullest = session.Engine.Cache.Statistics();
            }
        }
    }

    private void ReadContext(ReadOnlySpan<int> context, Action<ReadOnlySpan<float>>? last)
    {
        for (int done = 0; done < context.Length; done += PolicySession.Limit)
        {
            int count = Math.Min(PolicySession.Limit, context.Length - done);
            int lastRow = context.Length - 1 - done;
            session.Advance(context.Slice(done, count), last is null || lastRow >= count ? null : (row, logits) =>
            {
                if (row == lastRow)
                {
                    last(logits);
                }
            });
        }
    }

    private static void AddFirst(ReadOnlySpan<float> logits, IReadOnlyList<int[]> endings, double[] sums)
    {
        for (int i = 0; i < endings.Count; i++)
        {
            sums[i] += LogProbabilities.Of(logits, endings[i][0]);
        }
    }

    private void Count(int from)
    {
        for (int position = from; position < session.Engine.Cache.Count; position++)
        {
            tierCounts[session.Engine.Cache.TierAt(position).Index]++;
        }
    }
}
