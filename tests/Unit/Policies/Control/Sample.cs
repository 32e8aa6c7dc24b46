using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Unit.Policies.Control;

/// <summary>Controllers with random numbers in them.</summary>
internal static class Sample
{
    public static ControllerRecord Record { get; } = new()
    {
        Labels = "counterfactual",
        Lambda = 1,
        LatencyWeight = 0.5,
        Seed = 7,
        DataSha256 = new string('d', 64),
        ModelSha256 = new string('a', 64),
        Akv = "0.1.0",
        Metrics = new Dictionary<string, double> { ["share_2"] = 0.25, ["loss"] = 1.5 },
    };

    public static IReadOnlyList<TierCost> Tiers { get; } =
        [.. new[] { BitWidth.Two, BitWidth.Four, BitWidth.Eight, BitWidth.Sixteen }.Select(width => TierCost.Nominal(KvTier.Of(width)))];

    /// <summary>One that can drop tokens.</summary>
    public static Controller Dropping(params int[] hidden)
    {
        Controller plain = Controller(hidden);
        BitWidth[] widths = [BitWidth.Zero, BitWidth.Two, BitWidth.Four, BitWidth.Sixteen];
        return new Controller(plain.Features, plain.Layers, [.. widths.Select(width => TierCost.Nominal(KvTier.Of(width)))], plain.Record);
    }

    public static Controller Controller(params int[] hidden) => Controller(SaliencyFeatures.Published, hidden);

    public static Controller Controller(IReadOnlyList<SaliencyFeature> features, params int[] hidden)
    {
        int[] widths = [features.Count, .. hidden, Tiers.Count];
        return new Controller(
            [.. features.Select((feature, i) => new FeatureScale(feature, i - 1.5f, 0.5f + i))],
            [.. widths.Zip(widths.Skip(1)).Select((shape, i) => new DenseLayer(
                shape.First, shape.Second, Numbers(shape.First * shape.Second, (ulong)i, 2 / MathF.Sqrt(shape.First)), Numbers(shape.Second, 100 + (ulong)i, 1f)))],
            Tiers,
            Record);
    }

    /// <summary>Uniform numbers from -size to size.</summary>
    public static float[] Numbers(int count, ulong stream, float size)
    {
        CounterRandom random = new(42);
        return [.. Enumerable.Range(0, count).Select(i => size * (float)((2 * random.Uniform((ulong)i, stream)) - 1))];
    }
}
