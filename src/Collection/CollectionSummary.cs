using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.KvCache;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Collection;

/// <summary>What was collected, in numbers.</summary>
internal static class CollectionSummary
{
    /// <summary>Whether the teacher chooses the right ending, item by item.</summary>
    public static bool[] Correct(IReadOnlyList<string> items) => Column<bool>(items, ItemTable.Schema, "correct");

    /// <summary>A JSON document of counts and accuracies.</summary>
    /// <param name="items">Segments of <see cref="ItemTable"/>.</param>
    /// <param name="tokens">Segments of <see cref="TokenTable"/>.</param>
    public static string Of(IReadOnlyList<string> items, IReadOnlyList<string> tokens)
    {
        bool[] correct = Correct(items);
        float[] entropy = Column<float>(tokens, TokenTable.Schema, "entropy");
        float[] sampled = Column<float>(tokens, TokenTable.Schema, "kl_2");
        JsonObject summary = new()
        {
            ["items"] = correct.Length,
            ["tokens"] = entropy.Length,
            ["sampled_tokens"] = sampled.Count(value => !float.IsNaN(value)),
            ["mean_entropy"] = Rounded(entropy.Average(value => (double)value)),
            ["acc_norm"] = Share(Column<bool>(items, ItemTable.Schema, "correct_norm")),
            ["acc"] = new JsonObject(ItemTable.Widths.Select(width => KeyValuePair.Create<string, JsonNode?>(
                string.Create(CultureInfo.InvariantCulture, $"static-{(int)width}"), Share(Column<bool>(items, ItemTable.Schema, $"correct_{(int)width}"))))),
        };
        return summary.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }

    private static double Share(bool[] values) => Rounded((double)values.Count(value => value) / values.Length);

    private static double Rounded(double value) => Math.Round(value, 6);

    private static T[] Column<T>(IReadOnlyList<string> segments, TableSchema schema, string name) =>
        [.. segments.SelectMany(path =>
        {
            using TableReader reader = TableReader.Open(path, schema);
            return reader.Column<T>(name);
        })];
}
