using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.EndToEnd;

/// <summary>A controller of random numbers.</summary>
internal static class SampleController
{
    private static readonly CounterRandom Random = new(5);

    public static Controller Of(bool predictsLoss)
    {
        SaliencyFeature[] features = [.. SaliencyFeatures.All.TakeWhile(feature => feature != SaliencyFeature.Probe)]; // It brings no probe.
        TierCost[] tiers = [.. new[] { BitWidth.Two, BitWidth.Three, BitWidth.Four, BitWidth.Eight }.Select(width => TierCost.Nominal(KvTier.Of(width)))];
        int[] widths = [features.Length, 128, 16, tiers.Length];
        ControllerRecord record = new()
        {
            Labels = "counterfactual", Lambda = 3, LatencyWeight = 2, Seed = 1, DataSha256 = new string('d', 64), ModelSha256 = string.Empty, Akv = "0.1.0", Metrics = new Dictionary<string, double>(),
        };
        return new Controller(
            [.. features.Select((feature, i) => new FeatureScale(feature, i - 1.5f, 0.5f + i))],
            [.. widths.Zip(widths.Skip(1)).Select((shape, layer) => new DenseLayer(
                shape.First,
                shape.Second,
                [.. Enumerable.Range(0, shape.First * shape.Second).Select(i => Number(i, layer) * 2 / MathF.Sqrt(shape.First))],
                [.. Enumerable.Range(0, shape.Second).Select(i => Number(i, 10 + layer))]))],
            tiers,
            record) { PredictsLoss = predictsLoss, Budget = new BudgetCurve([-4, 4], [tiers[^1].Bits, tiers[0].Bits]) };
    }

    /// <summary>A number from -1 to 1.</summary>
    public static float Number(int i, int stream) => (float)((2 * Random.Uniform((ulong)i, (ulong)stream)) - 1);
}
