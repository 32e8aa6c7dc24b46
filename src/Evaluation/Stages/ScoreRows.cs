using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>Results as rows of <see cref="ScoreTable"/>, and back.</summary>
internal static class ScoreRows
{
    /// <summary>Adds a row.</summary>
    public static void Add(TableWriter rows, ItemResult result)
    {
        EndingDivergence divergence = result.Divergence ?? default;
        rows.Add(result.Item).Add(result.Policy).Add(result.Label)
            .Add(result.Choice).Add(result.ChoiceNorm).Add(result.ChoiceBytes).Add(result.IsRight).Add(result.IsRightNorm).Add(result.IsRightBytes)
            .Add(Floats(result.LogLikelihood, value => (float)value))
            .Add(Floats(result.EndingCharacters, value => value))
            .Add(Floats(result.EndingBytes, value => value))
            .Add(Floats(result.EndingTokens, value => value))
            .Add(result.Tokens).Add(result.CacheBytes).Add(result.CachedTokens).Add(result.EffectiveBits)
            .Add(divergence.Kl).Add(divergence.Agreements).Add(divergence.Predictions)
            .Add(Floats(Counted(result.TierCounts), value => value))
            .EndRow();
    }

    /// <summary>Reads the rows of a segment back.</summary>
    public static IEnumerable<ItemResult> Read(string path)
    {
        TableReader reader = TableReader.Open(path, ScoreTable.Schema);
        foreach (TableBatch batch in reader.Read())
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                yield return Row(batch, row);
            }
        }
    }

    private static ItemResult Row(TableBatch batch, int row)
    {
        int predictions = batch.Values<int>("predictions")[row];
        return new ItemResult(
            batch.Values<string>("item")[row],
            batch.Values<string>("policy")[row],
            batch.Values<int>("label")[row],
            batch.Values<int>("choice")[row],
            batch.Values<int>("choice_norm")[row],
            batch.Values<int>("choice_bytes")[row],
            [.. batch.List("log_likelihood", row).ToArray().Select(value => (double)value)],
            [.. batch.List("ending_characters", row).ToArray().Select(value => (int)value)],
            [.. batch.List("ending_bytes", row).ToArray().Select(value => (int)value)],
            [.. batch.List("ending_tokens", row).ToArray().Select(value => (int)value)],
            batch.Values<int>("tokens")[row],
            batch.Values<long>("cache_bytes")[row],
            batch.Values<int>("cached_tokens")[row],
            batch.Values<double>("effective_bits")[row],
            null)
        {
            Divergence = predictions > 0 ? new EndingDivergence(batch.Values<double>("kl")[row], batch.Values<int>("top_agreements")[row], predictions) : null,
            TierCounts = [.. batch.List("tiers", row).ToArray().Select(value => (long)value)],
        };
    }

    // The last index is that of dropped tokens: scores of policies that drop none are to the byte what they were before there was such a tier.
    private static IEnumerable<long> Counted(IReadOnlyList<long> tiers) => tiers.Count == KvTier.Count && tiers[KvTier.Dropped.Index] == 0 ? tiers.SkipLast(1) : tiers;

    private static float[] Floats<T>(IEnumerable<T> values, Func<T, float> convert) => [.. values.Select(convert)];
}
