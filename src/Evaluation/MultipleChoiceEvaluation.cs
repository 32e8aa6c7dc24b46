using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation;

/// <summary>
/// Multiple choice by log-likelihood (HellaSwag, ARC): any set of policies over the same items. The policies take turns on each item, so that a
/// cancelled run has compared all policies on the same items, and a busy moment of the machine slows all of them alike.
/// </summary>
public static class MultipleChoiceEvaluation
{
    /// <summary>Scores the items with a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="items">At least one.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="clock">Measures the run.</param>
    /// <param name="progress">Hears the number of finished items.</param>
    /// <param name="cancellation">Ends the run; the result then holds the items finished under every policy.</param>
    /// <exception cref="InvalidDataException">An item does not fit the model's context, or its score is not a number.</exception>
    public static EvaluationResult Run(
        LlamaModel model,
        IReadOnlyList<PrecisionPolicy> policies,
        IReadOnlyList<EncodedItem> items,
        CacheMode mode,
        EngineSetup setup,
        TimeProvider clock,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        // A lone policy has nothing to be compared with.
        using PolicyArena arena = new(model, policies, mode, setup, items, compare: policies.Count > 1);
        return Run(items, arena.Scorings, clock, progress, cancellation);
    }

    /// <summary>Scores encoded items by whatever means each policy is given.</summary>
    internal static EvaluationResult Run(
        IReadOnlyList<EncodedItem> items,
        IReadOnlyList<(string Name, EndingScoring Score)> policies,
        TimeProvider clock,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        var results = new List<ItemResult>(items.Count * policies.Count);
        int done = 0;
        foreach (EncodedItem item in items)
        {
            foreach ((string name, EndingScoring score) in policies)
            {
                if (cancellation.IsCancellationRequested)
                {
                    return Result();
                }

                results.Add(ItemResult.From(item, name, score(item.Context, item.Endings)));
            }

            done++;
            progress?.Report(done);
        }

        return Result();

        EvaluationResult Result()
        {
            // Under a cancellation some policies have scored the last item and others have not.
            ItemResult[] whole = [.. results.Take(done * policies.Count)];
            return new EvaluationResult(whole, Summarize(whole), done, items.Count, clock.GetElapsedTime(start).TotalSeconds);
        }
    }

    /// <summary>A row per policy, in the order in which they appear.</summary>
    internal static List<PolicySummary> Summarize(IReadOnlyList<ItemResult> results)
    {
        ILookup<string, ItemResult> byPolicy = results.ToLookup(result => result.Policy);
        List<ItemResult>? baseline = byPolicy.Contains(PolicySummary.Baseline) ? [.. byPolicy[PolicySummary.Baseline]] : null;
        return [.. byPolicy.Select(policy => PolicySummary.Of([.. policy], baseline))];
    }
}
