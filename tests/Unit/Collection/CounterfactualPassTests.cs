using AdaptiveKv.Collection;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Unit.Inference;

namespace AdaptiveKv.Unit.Collection;

/// <summary>Costs by running the rest of a text again, against whole runs in which that token alone has the tier.</summary>
public sealed class CounterfactualPassTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Length = 40;

    private static readonly KvTier Two = KvTier.Of(BitWidth.Two);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_cost_is_what_the_predictions_that_count_lose(int counted)
    {
        int[] tokens = micro.Tokens(Length);
        EngineSetup setup = new(1, new KvCacheOptions());
        using SequencePass teacher = new(micro.Int8, SaliencyNeeds.None, setup, Length);
        teacher.Read(tokens, counted == 0 ? 0 : counted + 1);
        using CounterfactualPass pass = new(micro.Int8, PolicyCatalog.ParseOne("static-16"), setup, Length);
        double[] baseline = pass.Base(tokens, teacher);
        Dictionary<int, double> found = [];

        pass.Run(tokens, teacher, baseline, counted, [5, 19, 20, 30], [Two], (position, _, increase) => found.Add(position, increase), TestContext.Current.CancellationToken);

        Assert.All(found, cost =>
        {
            using CounterfactualPass whole = new(micro.Int8, new OnePolicy(cost.Key), setup, Length);
            int first = Math.Max(counted, cost.Key + 1);
            double expected = whole.Base(tokens, teacher).Skip(first).Sum() - baseline.Skip(first).Sum();
            Assert.InRange(cost.Value, (0.98 * expected) - 1e-5, (1.02 * expected) + 1e-5);
        });
        Assert.True(found.Values.Max() > 1e-3);
    }

    private sealed class OnePolicy(int coded) : PrecisionPolicy
    {
        public override string Name => "one";

        public override KvTier Choose(int position) => position == coded ? Two : KvTier.Of(BitWidth.Sixteen);
    }
}
