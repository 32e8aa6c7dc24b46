using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Speed;

public sealed class CostTableTests
{
    [Fact]
    public void Training_reads_what_was_measured()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "costs.json");
        File.WriteAllText(path, CostTable.Json(Report("static-16", "static-4+sinks1", "static-2", "mix-2-4")));

        IReadOnlyList<TierCost> costs = TierCosts.Read(path, [KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Four), KvTier.Of(BitWidth.Sixteen)]);

        Assert.Equal([12, 11, 10], costs.Select(cost => cost.Milliseconds));
        Assert.Equal([4.5, 4.5, 4.5], costs.Select(cost => cost.Bits));
    }

    [Fact]
    public void Policies_of_one_width_are_needed() =>
        Assert.Contains("--policies", Assert.Throws<ArgumentException>(() => CostTable.Json(Report("mix-2-4"))).Message, StringComparison.Ordinal);

    // The first policy takes 10 ms at depth 512, the next 11, ...
    private static SpeedReport Report(params string[] policies)
    {
        SpeedResult result = new(
            [.. policies.Select(policy => new PrefillRecord(policy, 0, 16, 10, 12))],
            [.. policies.SelectMany((policy, i) => ((int[])[64, 512]).Select(depth => new DecodeRecord(policy, depth, 0, depth == 512 ? 10 + i : 1, 0.5, 100, 4.5, [depth == 512 ? 10 + i : 1], [1])))],
            1);
        return SpeedReport.Of(Tables.SpeedTableTests.Run, new SpeedSettings([64, 512], 16, 1, 1), result);
    }
}
