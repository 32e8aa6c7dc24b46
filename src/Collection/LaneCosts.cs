using System.Globalization;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>What the keys and the values of each lane (layer, KV head) lose at each width, from the table "costs": mean per token over all of its tokens.</summary>
internal static class LaneCosts
{
    /// <summary>Adds up the table.</summary>
    /// <param name="paths">Its segments.</param>
    /// <param name="model">The model that it must be of.</param>
    /// <param name="transformSha256">The transform that it must be of.</param>
    /// <param name="widths">Wanted widths.</param>
    /// <param name="sinks">First tokens of each text that are left out, as they stay at 16 bits.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>[2 * lanes: keys, values of lane 0, keys of lane 1, ...][widths], nats, and what they were found on.</returns>
    /// <exception cref="InvalidDataException">The table is damaged, of another kind, model or transform, or lacks a width.</exception>
    public static (double[][] Losses, AllocationRecord Record) Read(
        IReadOnlyList<string> paths, LlamaModel model, string transformSha256, IReadOnlyList<BitWidth> widths, int sinks, CancellationToken cancellation)
    {
        KvTier[] tiers = [.. widths.Select(KvTier.Of)];
        string[] parts = [.. tiers.Select(tier => TokenCostTable.Parts(tier).Name)];
        TableSchema schema = TokenCostTable.Of([.. tiers.Select(TokenCostTable.Parts)]);
        IReadOnlyDictionary<string, string> provenance = TokenCostTable.Require(paths[0], tiers);
        Require(paths[0], provenance, TokenCostTable.Model, model.Sha256, "model");
        Require(paths[0], provenance, TokenCostTable.Transform, transformSha256, "transform");
        double[][] losses = [.. Enumerable.Range(0, 2 * model.CacheShape.Lanes).Select(_ => new double[widths.Count])];
        long tokens = 0;
        foreach (TableBatch batch in TableReader.Open(paths[0], paths, schema).Read([TokenTable.Position.Name, .. parts], cancellation))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                tokens++;
                for (int width = 0; width < parts.Length && batch.Values<int>(TokenTable.Position.Name)[row] >= sinks; width++)
                {
                    ReadOnlySpan<float> costs = batch.List(parts[width], row);
                    if (costs.Length != losses.Length)
                    {
                        throw new InvalidDataException($"{paths[0]}: '{parts[width]}' has {costs.Length} parts, this model {losses.Length}: find the costs again");
                    }

                    for (int part = 0; part < costs.Length; part++)
                    {
                        losses[part][width] += costs[part];
                    }
                }
            }
        }

        AllocationRecord record = new(
            provenance[TokenCostTable.Data], tokens, int.Parse(provenance[TokenCostTable.Window], CultureInfo.InvariantCulture), ulong.Parse(provenance[TokenCostTable.Seed], CultureInfo.InvariantCulture));
        return ([.. losses.Select(own => Array.ConvertAll(own, loss => loss / tokens))], record);
    }

    private static void Require(string path, IReadOnlyDictionary<string, string> provenance, string name, string expected, string what)
    {
        if (provenance.GetValueOrDefault(name) != expected)
        {
            throw new InvalidDataException($"{path}: the costs are of another {what}: find them again with 'akv fisher' and this {what}");
        }
    }
}
