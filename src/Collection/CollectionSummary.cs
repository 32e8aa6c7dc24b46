using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>What was collected, in numbers.</summary>
internal static class CollectionSummary
{
    private static readonly StageMetric Accuracy = new("acc", Better.More, "share of items answered right");
    private static readonly StageMetric AccuracyNorm = new("acc_norm", Better.More, "the same by log-likelihood per character");
    private static readonly StageMetric AccuracyBytes = new("acc_bytes", Better.More, "the same by log-likelihood per byte");

    /// <summary>The figures of which one value is better.</summary>
    public static IReadOnlyList<StageMetric> Declared { get; } = [Accuracy, AccuracyNorm, AccuracyBytes];

    /// <summary>Whether the teacher chooses the right ending, by the names of items.</summary>
    public static IReadOnlyDictionary<string, bool> Correct(IReadOnlyList<string> items)
    {
        TableReader reader = Open(items, ItemTable.Schema);
        return reader.Column<string>(ItemTable.Item.Name).Zip(reader.Column<bool>(ItemTable.Correct.Name)).ToDictionary();
    }

    /// <summary>A JSON document of counts and accuracies.</summary>
    /// <param name="items">Segments of <see cref="ItemTable"/>.</param>
    /// <param name="tokens">Segments of <see cref="TokenTable"/>.</param>
    /// <param name="tried">The tiers that were tried on sampled tokens.</param>
    public static string Of(IReadOnlyList<string> items, IReadOnlyList<string> tokens, IReadOnlyList<KvTier> tried)
    {
        TableReader item = Open(items, ItemTable.Schema);
        TableReader token = Open(tokens, TokenTable.For(tried, hidden: false));
        float[] entropy = token.Column<float>("entropy");
        float[][] costs = [.. tried.Select(tier => token.Column<float>(TokenTable.Cost(tier).Name))];
        JsonObject summary = new()
        {
            ["items"] = item.Metadata.Rows,
            ["tokens"] = entropy.Length,
            ["sampled_tokens"] = Enumerable.Range(0, entropy.Length).Count(row => Array.Exists(costs, column => float.IsFinite(column[row]))),
            ["mean_entropy"] = Rounded(entropy.Average(value => (double)value)),
            [AccuracyNorm.Name] = Share(item.Column<bool>("correct_norm")),
            [AccuracyBytes.Name] = Share(item.Column<bool>("correct_bytes")),
            [Accuracy.Name] = new JsonObject(ItemTable.Widths.Select(width => KeyValuePair.Create<string, JsonNode?>(
                string.Create(CultureInfo.InvariantCulture, $"static-{(int)width}"), Share(item.Column<bool>($"correct_{(int)width}"))))),
        };
        return summary.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }

    private static double Share(bool[] values) => Rounded((double)values.Count(value => value) / values.Length);

    private static double Rounded(double value) => Math.Round(value, 6);

    private static TableReader Open(IReadOnlyList<string> segments, TableSchema schema) => TableReader.Open(Path.GetDirectoryName(segments[0])!, segments, schema);
}
