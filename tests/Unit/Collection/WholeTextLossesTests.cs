using AdaptiveKv.Collection;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Unit.Inference;

namespace AdaptiveKv.Unit.Collection;

/// <summary>The losses of whole texts, against the divergences by token of another pass over the same tiers.</summary>
public sealed class WholeTextLossesTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Length = 40;

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Predictions_that_count_are_added_up(int counted)
    {
        int[] tokens = micro.Tokens(Length);
        EngineSetup setup = new(1, new KvCacheOptions());
        KvTier[] tiers = [KvTier.Of(BitWidth.Two), new(BitWidth.Four, BitWidth.Three), KvTier.Of(BitWidth.Eight), KvTier.Of(BitWidth.Sixteen)];

        double[] found = new WholeTextLosses(micro.Int8, setup.Code, threads: 1, Length).Of(tokens, counted, tiers);

        using SequencePass teacher = new(micro.Int8, SaliencyNeeds.None, setup, Length);
        teacher.Read(tokens, 0);
        foreach ((int index, KvTier tier) in tiers.Index())
        {
            using CounterfactualPass pass = new(micro.Int8, PolicyCatalog.ParseOne($"static-{tier}", WholeTextLosses.Sinks), setup, Length);
            double expected = pass.Base(tokens, teacher).Skip(counted).Sum();
            Assert.InRange(found[index], (0.98 * expected) - 1e-5, (1.02 * expected) + 1e-5);
        }

        Assert.True(found[0] > found[1] && found[1] > found[2] && found[2] > 1e-6, string.Join(' ', found));
        Assert.InRange(found[3], 0, 1e-6);
    }
}
