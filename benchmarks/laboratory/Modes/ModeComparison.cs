using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary>
/// Scores the same items token by token and in two passes. In decoding a policy sees features of the quantized run itself; in two passes those of
/// a first pass at 16 bits, which is what makes it fast. How much that matters is what the comparison shows.
/// </summary>
internal static class ModeComparison
{
    /// <summary>Compares the modes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="items">At least one.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="progress">Hears the number of finished items.</param>
    /// <param name="cancellation">Ends the run; the items finished under every policy are kept.</param>
    /// <exception cref="InvalidDataException">An item does not fit the model's context, or its score is not a number.</exception>
    public static IReadOnlyList<ModeDifference> Run(
        LlamaModel model,
        IReadOnlyList<PrecisionPolicy> policies,
        IReadOnlyList<EncodedItem> items,
        EngineSetup setup,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        using PolicyArena decode = new(model, policies, CacheMode.Decode, setup, items, compare: true);
        using PolicyArena twoPass = new(model, policies, CacheMode.TwoPass, setup, items, compare: true);
        List<ModeDifference> differences = [];
        foreach ((int index, EncodedItem item) in items.Index())
        {
            List<ModeDifference> own = [];
            for (int policy = 0; policy < policies.Count; policy++)
            {
                if (cancellation.IsCancellationRequested)
                {
                    return differences;
                }

                own.Add(ModeDifference.Of(Score(decode.Scorings[policy], item), Score(twoPass.Scorings[policy], item)));
            }

            differences.AddRange(own);
            progress?.Report(index + 1);
        }

        return differences;
    }

    private static (ItemResult, IReadOnlyList<KvTier>) Score((string Name, EndingScoring Score) scoring, EncodedItem item)
    {
        EndingScores scores = scoring.Score(item.Context, item.Endings);
        return (ItemResult.From(item, scoring.Name, scores), scores.Tiers);
    }
}
