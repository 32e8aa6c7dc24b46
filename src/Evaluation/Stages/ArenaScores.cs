using System.Runtime.ExceptionServices;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>
/// The scores of an evaluation, segment by segment. Items are short, and threads that share one wait for each other at every layer; so the policies of an
/// item run side by side, each on one thread where there are as many of them as cores.
/// </summary>
/// <param name="context">Takes the segments, and is told how far it is.</param>
/// <param name="size">Items of a segment.</param>
/// <param name="policies">All that are compared.</param>
/// <param name="items">What they score.</param>
/// <param name="conditions">What scores are made of; written into every segment.</param>
internal sealed class ArenaScores(StageContext context, int size, IReadOnlyList<PrecisionPolicy> policies, EncodedItem[] items, IReadOnlyDictionary<string, string> conditions)
{
    /// <summary>Scores what is not known, and reads all back.</summary>
    /// <param name="known">Scores that need not be made again.</param>
    /// <param name="model">The model.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="code">How tokens are coded.</param>
    /// <returns>A result per item and policy.</returns>
    public List<ItemResult> Make(KnownScores known, LlamaModel model, CacheMode mode, KvCacheOptions code)
    {
        PrecisionPolicy[] run = [.. policies.Where(policy => !known.Has(policy.Name, items.Select(item => item.Item.Id)))];
        int threads = context.Threads ?? model.DefaultThreads;
        EngineSetup setup = new(Math.Max(threads / Math.Max(run.Length, 1), 1), code);
        using PolicyArena? arena = run.Length == 0 ? null : new(model, run, mode, setup, items, compare: policies.Count > 1, referenceThreads: threads);
        Dictionary<string, EndingScoring> scorings = (arena?.Scorings ?? []).ToDictionary(scoring => scoring.Name, scoring => scoring.Score);
        IReadOnlyList<string> segments = context.Segments("scores", ".parquet", $"scoring items under {run.Length} of {policies.Count} policies", items.Length, size, (path, indexes) =>
        {
            using TableWriter writer = new(path, ScoreTable.Schema, conditions);
            foreach (ItemResult result in indexes.SelectMany(index => Score(items[index], scorings, known)))
            {
                ScoreRows.Add(writer, result);
            }

            writer.Complete();
        });
        return [.. segments.SelectMany(ScoreRows.Read)];
    }

    private ItemResult[] Score(EncodedItem item, Dictionary<string, EndingScoring> scorings, KnownScores known)
    {
        ItemResult[] results = new ItemResult[policies.Count];
        try
        {
            Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = Processors.Logical, CancellationToken = context.Cancellation }, i =>
            {
                string name = policies[i].Name;
                results[i] = scorings.TryGetValue(name, out EndingScoring? score) ? ItemResult.From(item, name, score(item.Context, item.Endings)) : known.Of(name, item.Item.Id);
            });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return results;
    }
}
