using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Runs items at 16 bits, once for all policies that are compared on them.</summary>
public sealed class ReferencePass : IDisposable
{
    private readonly Session session;
    private readonly SaliencyTracker tracker;
    private readonly int vocabulary;
    private readonly int shared;
    private readonly ReferenceItem beginning;
    private readonly Lock gate = new();
    private (IReadOnlyList<int[]> Endings, ReferenceItem Item)? latest;
    private SaliencyPoint? start;

    /// <summary>Prepares a cache for items of up to <paramref name="maxTokens"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policies">Those that are compared; they say which features are needed.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Context and longest ending together.</param>
    /// <param name="keepPredictions">Whether divergences from the reference are wanted.</param>
    /// <param name="shared">Tokens that all contexts begin with.</param>
    public ReferencePass(LlamaModel model, IReadOnlyList<PrecisionPolicy> policies, EngineSetup setup, int maxTokens, bool keepPredictions, int shared = 0)
    {
        this.shared = shared;
        beginning = new ReferenceItem(shared, [], vocabulary: 0);
        vocabulary = keepPredictions ? model.Shape.Vocabulary : 0;
        tracker = new SaliencyTracker(model, [.. policies.SelectMany(policy => policy.Features).Distinct()], policies.Select(policy => policy.Rarity).FirstOrDefault(table => table is not null), maxTokens, recent: 0);
        session = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            MaxBatch = PolicySession.Limit,
            PreciseAttention = setup.PreciseAttention,
            RecordSignals = tracker.NeedsSignals,
            Cache = setup.Code with { MaxTokens = maxTokens },
        });
    }

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
            session.Cache.Truncate(0);
            Read(context[..shared], 0, beginning, -1);
            start = tracker.Pin(session);
        }

        session.Cache.Truncate(shared);
        tracker.Return(start);
        item.BeginAs(beginning);
        Read(context[shared..], shared, item, -1);
        SaliencyPoint branches = tracker.Pin(session);
        for (int ending = 0; ending < endings.Count; ending++)
        {
            session.Cache.Rewind(context.Length);
            tracker.Return(branches);
            Read(endings[ending].AsSpan(0, endings[ending].Length - 1), 0, item, ending);
        }

        latest = (endings, item);
        return item;
    }

    // Tokens of a context or an ending, from an index in it on.
    private void Read(ReadOnlySpan<int> tokens, int index, ReferenceItem item, int ending)
    {
        for (int done = 0; done < tokens.Length; done += PolicySession.Limit)
        {
            int first = session.Cache.Count;
            int begin = done;
            int[] part = tokens.Slice(done, Math.Min(PolicySession.Limit, tokens.Length - done)).ToArray();
            bool ends = done + part.Length == tokens.Length;
            session.Prefill(part);

            // Of the context only the last logits are predictions that count.
            int firstRow = tracker.NeedsLogits || (item.HasPredictions && ending >= 0) ? 0 : item.HasPredictions && ends ? part.Length - 1 : part.Length;
            for (int row = 0; row < firstRow; row++)
            {
                Add(row, []);
            }

            session.VisitLogits(firstRow, part.Length - firstRow, (row, logits) =>
            {
                if (item.HasPredictions && (ending >= 0 || (ends && row == part.Length - 1)))
                {
                    item.Predictions(ending).Store(ending < 0 ? 0 : begin + row, logits);
                }

                Add(row, logits);
            });

            void Add(int row, ReadOnlySpan<float> logits)
            {
                tracker.Add(session, row, first + row, part[row], logits);
                tracker.Of(first + row).CopyTo(item.Saliency(ending, index + begin + row));
            }
        }
    }
}
