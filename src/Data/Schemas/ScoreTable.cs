using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data.Schemas;

/// <summary>The table "scores" of the stage evaluate: a row per item and policy, without times, so that it repeats to the byte.</summary>
public static class ScoreTable
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
}
