using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Unit.Training;

/// <summary>A table of one token with three layers of one KV head.</summary>
public sealed class ExpectedCostsTests : IDisposable
{
    private static readonly KvTier[] Tiers = [KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Three)];
    private static readonly float[] AtTwo = [1, 2, 4, 8, 16, 32], AtThree = [0.1f, 0.2f, 0.4f, 0.8f, 1.6f, 3.2f];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void All_layers_count()
    {
        Write("3");

        Assert.Equal([63, 6.3f], Read(null).Of("a", 7));
        Assert.All(Read(null).Of("a", 8), cost => Assert.True(float.IsNaN(cost)));
    }

    [Theory]
    [InlineData(0, 0, 3, 0.3)]
    [InlineData(1, 2, 60, 6.0)]
    [InlineData(0, 2, 63, 6.3)]
    public void Or_those_of_a_group(int first, int last, double two, double three)
    {
        Write("3");

        Assert.Equal([two, three], Read([first, last]).Of("a", 7).Select(cost => Math.Round(cost, 5)));
    }

    [Theory]
    [InlineData("3", 3, "the model has 3 layers, and the costs of 0 to 3 are wanted: the last is 2")]
    [InlineData(null, 1, "does not say how many layers its model has: find the costs again")]
    public void Layers_that_are_not_there_are_refused(string? layers, int last, string problem)
    {
        Write(layers);

        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Read([0, last])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiers_that_are_not_there_are_named()
    {
        Write("3");

        Assert.Contains(
            "has no costs of tiers k4v3, 4: find them again with 'akv fisher' and tiers of 2, k4v3, 4 among others",
            Assert.Throws<InvalidDataException>(() => new ExpectedCosts([folder["costs.parquet"]], [Tiers[0], new(BitWidth.Four, BitWidth.Three), KvTier.Of(BitWidth.Four)], null, null, CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    private ExpectedCosts Read(int[]? layers) => new([folder["costs.parquet"]], Tiers, null, null, CancellationToken.None, layers);

    private void Write(string? layers)
    {
        Dictionary<string, string> provenance = layers is null ? [] : new() { [TokenCostTable.Layers] = layers };
        using TableWriter writer = new(folder["costs.parquet"], TokenCostTable.For(Tiers), provenance);
        writer.Add("a").Add(7).Add(AtTwo.Sum()).Add(AtThree.Sum()).Add(AtTwo).Add(AtThree).EndRow();
        writer.Complete();
    }
}
