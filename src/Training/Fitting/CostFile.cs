using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Training.Fitting;

/// <summary>Reads what tiers cost on some machine: <c>{"tiers": {"2": {"ms": 9.1, "bits": 2.53}, ...}}</c>, as 'akv bench --costs' writes it.</summary>
internal static class CostFile
{
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
            JsonElement table = document.RootElement.GetProperty("tiers");
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

        TierCost cost = new(tier, entry.GetProperty("bits").GetDouble(), entry.GetProperty("ms").GetDouble());
        return cost is { Bits: > 0 and < 64, Milliseconds: > 0 and < 1e9 }
            ? cost
            : throw new InvalidDataException($"{path}: {tier} bits cost {cost.Bits} bits and {cost.Milliseconds} ms: numbers above 0 are expected");
    }
}
