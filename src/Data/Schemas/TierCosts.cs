using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Data.Schemas;

/// <summary>What tiers cost on some machine, which training weighs its choices with: <c>{"tiers": {"2": {"ms": 9.1, "bits": 2.53}, ...}}</c>.</summary>
internal static class TierCosts
{
    private const string Tiers = "tiers", Milliseconds = "ms", Bits = "bits";

    /// <summary>The document.</summary>
    /// <param name="depth">Tokens in the cache of the decoded ones.</param>
    /// <param name="machine">The processor.</param>
    /// <param name="modelSha256">The model.</param>
    /// <param name="costs">Of each tier; at least one, measured.</param>
    public static string Json(int depth, string machine, string modelSha256, IEnumerable<TierCost> costs) => new JsonObject
    {
        ["depth"] = depth,
        ["machine"] = machine,
        ["model_sha256"] = modelSha256,
        [Tiers] = new JsonObject(costs.Select(cost => KeyValuePair.Create($"{cost.Tier}", (JsonNode?)new JsonObject { [Milliseconds] = cost.Milliseconds, [Bits] = cost.Bits }))),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";

    /// <summary>The costs of some tiers, in their order.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or lacks a tier.</exception>
    public static IReadOnlyList<TierCost> Read(string path, IReadOnlyList<KvTier> tiers)
    {
        try
        {
            ReadOnlyMemory<byte> text = JsonText.WithoutMark(File.ReadAllBytes(path));
            if (JsonText.Find(text.Span, isComplete: true) is { } fault)
            {
                throw new FormatException($"{fault}");
            }

            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement table = document.RootElement.GetProperty(Tiers);
            return [.. tiers.Select(tier => Cost(path, table, tier))];
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: no table of costs: {exception.Message}: make it again with 'akv bench --costs'");
        }
    }

    private static TierCost Cost(string path, JsonElement table, KvTier tier)
    {
        if (!table.TryGetProperty(tier.ToString(), out JsonElement entry))
        {
            throw new InvalidDataException($"{path}: no cost of {tier} bits: measure all tiers of the dataset with 'akv bench --costs'");
        }

        TierCost cost = new(tier, entry.GetProperty(Bits).GetDouble(), entry.GetProperty(Milliseconds).GetDouble());
        return cost is { Bits: >= 0 and < 64, Milliseconds: > 0 and < 1e9 } && (cost.Bits > 0 || tier == KvTier.Dropped)
            ? cost
            : throw new InvalidDataException($"{path}: {tier} bits cost {cost.Bits} bits and {cost.Milliseconds} ms: numbers above 0 are expected");
    }
}
