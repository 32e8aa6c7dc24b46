using AdaptiveKv.KvCache;
using AdaptiveKv.Scoring;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The table of scores: a row per item and policy, without times, so that it repeats to the byte.</summary>
internal static class ScoreTable
{
    /// <summary>Its columns.</summary>
    public static TableSchema Schema { get; } = new("scores", 2,
    [
        new("item", ColumnType.String) { Description = "Name of the item in its file" },
        new("policy", ColumnType.String) { Description = "Name of the policy" },
        new("label", ColumnType.Int32) { Description = "Index of the right ending" },
        new("choice", ColumnType.Int32) { Description = "Ending with the largest log-likelihood" },
        new("choice_norm", ColumnType.Int32) { Description = "Ending with the largest log-likelihood per character" },
        new("choice_bytes", ColumnType.Int32) { Description = "Ending with the largest log-likelihood per byte" },
        new("correct", ColumnType.Boolean) { Description = "Whether acc counts the item" },
        new("correct_norm", ColumnType.Boolean) { Description = "Whether acc_norm counts it" },
        new("correct_bytes", ColumnType.Boolean) { Description = "Whether acc_bytes counts it" },
        new("log_likelihood", ColumnType.Float32List) { Unit = "nats", Description = "Per ending" },
        new("ending_characters", ColumnType.Float32List) { Unit = "characters", Description = "Per ending" },
        new("ending_bytes", ColumnType.Float32List) { Unit = "bytes", Description = "Per ending" },
        new("ending_tokens", ColumnType.Float32List) { Unit = "tokens", Description = "Per ending" },
        new("tokens", ColumnType.Int32) { Unit = "tokens", Description = "Fed to the model: the context without its shots once, the endings each" },
        new("cache_bytes", ColumnType.Int64) { Unit = "bytes", Description = "Allocated at the longest sequence" },
        new("cached_tokens", ColumnType.Int32) { Unit = "tokens", Description = "In the cache at that moment" },
        new("effective_bits", ColumnType.Float64) { Unit = "bits", Description = "Per stored element at that moment" },
        new("kl", ColumnType.Float64) { Unit = "nats", Description = "Sum over the predictions of KL(16 bits || policy)" },
        new("top_agreements", ColumnType.Int32) { Description = "Predictions with the same likeliest token" },
        new("predictions", ColumnType.Int32) { Description = "Predictions compared" },
        new("tiers", ColumnType.Float32List) { Unit = "tokens", Description = "Tokens by tier, in the order of tier indices" },
    ])
    {
        Key = ["item", "policy"],
    };

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
            .Add(Floats(result.TierCounts, value => value))
            .EndRow();
    }

    /// <summary>Reads the rows of a segment back.</summary>
    public static IEnumerable<ItemResult> Read(string path)
    {
        using TableReader reader = TableReader.Open(path, Schema);
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

    private static float[] Floats<T>(IEnumerable<T> values, Func<T, float> convert) => [.. values.Select(convert)];
}
