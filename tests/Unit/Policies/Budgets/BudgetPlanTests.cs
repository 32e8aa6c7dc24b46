using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Unit.Policies.Control;
using FsCheck;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.Policies.Budgets;

/// <summary>Budgets on a real cache whose allocator refuses to go beyond them: a run that ends has kept its budget.</summary>
public sealed class BudgetPlanTests
{
    private static readonly string[] Names = ["learned", "learned+sinks1", "learned+recent8", "learned+sinks3+recent20", "learned+sinks1+escalate10", "learned:dropping+sinks1", "learned:dropping+recent8"];

    // A fixed seed: a failure on one machine is a failure on all.
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(150).WithStartSize(5).WithEndSize(400).WithReplay(20250117, 1);

    [Fact]
    public void No_budget_that_suffices_is_ever_exceeded_and_all_tokens_find_room()
    {
        Arbitrary<(int Prompt, int New, int Name, int Extra, int Seed)> cases = (
            from prompt in Gen.Choose(1, 300)
            from more in Gen.Choose(1, 200)
            from name in Gen.Choose(0, Names.Length - 1)
            from extra in Gen.Choose(0, 1000)
            from seed in Gen.Choose(0, 1000)
            select (prompt, more, name, extra, seed)).ToArbitrary();
        Prop.ForAll(cases, one =>
        {
            int total = one.Prompt + one.New;
            long least = BudgetedCache.Plan(Names[one.Name]).Least(total);
            long most = (total + 1) * TierFootprint.Of(KvTier.Of(BitWidth.Sixteen), BudgetedCache.Shape, new KvCacheOptions()).UnitBytes;
            // Small extras often: there the units that are begun decide.
            long budget = least + (long)(Math.Pow(one.Extra / 1000.0, 3) * Math.Max(most - least, 0));

            CacheStatistics statistics = BudgetedCache.Fill(Names[one.Name], budget, one.Prompt, total, (ulong)one.Seed).Statistics;

            return statistics.Tokens == total && statistics.PeakBytes <= budget;
        }).Check(Runs);
    }

    /// <summary>What a sequence takes over from another one it does not pay for.</summary>
    [Fact]
    public void A_borrowed_beginning_leaves_the_budget_to_the_rest()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            string name = Names[seed % 4];
            Random random = new(seed);
            int shared = random.Next(1, 150), prompt = shared + random.Next(1, 100), total = prompt + random.Next(1, 100);
            using PackedKvCache lender = new(BudgetedCache.Shape, new KvCacheOptions { MaxTokens = 200, MaxBytes = 1 << 24 });
            BudgetedCache.Fill(lender, BudgetedCache.Plan(name).For(1 << 24, 200, 200, SequenceStart.Empty), 1, 200, 200, (ulong)seed, 4f);

            SequenceStart start = SequenceStart.Of(lender, 150, new KvCacheOptions());
            Assert.Equal((150, 150), (start.Tokens, start.Tiers.ToArray().Sum()));
            (CacheStatistics statistics, long budget) = BudgetedCache.Continue(name, lender, Math.Min(shared, 170), random.Next(20_000), prompt, total, (ulong)seed + 7);

            Assert.Equal(total, statistics.Tokens);
            Assert.InRange(statistics.PeakBytes, 1, budget);
        }
    }

    /// <summary>Long sequences use what they may: what is left is the open units of each tier and what the controller's curve does not tell.</summary>
    [Theory]
    [InlineData(2.8)]
    [InlineData(3.2)]
    [InlineData(4.5)]
    [InlineData(8)]
    [InlineData(14)]
    public void A_budget_is_used(double bits)
    {
        const int Tokens = 2000;
        long budget = (long)(bits / 8 * BudgetedCache.Shape.ElementsPerToken * Tokens);

        CacheStatistics statistics = BudgetedCache.Fill("learned+sinks1", budget, 1500, Tokens, 3).Statistics;

        TestContext.Current.TestOutputHelper?.WriteLine($"{bits} bits: {100.0 * statistics.Bytes / budget:F2} % used, at most {100.0 * statistics.PeakBytes / budget:F2} %, {statistics.EffectiveBits:F3} effective bits");
        Assert.InRange(statistics.PeakBytes, 0.98 * budget, budget);
        Assert.InRange(statistics.EffectiveBits, 0.97 * bits, bits);
    }

    /// <summary>Where tokens can be dropped, the least budget is that of the sinks and of the token whose step it is.</summary>
    [Fact]
    public void Below_two_bits_a_budget_is_used_as_well()
    {
        const int Tokens = 2000;
        long budget = (long)(1.2 / 8 * BudgetedCache.Shape.ElementsPerToken * Tokens);

        CacheStatistics statistics = BudgetedCache.Fill("learned:dropping+sinks1", budget, 1500, Tokens, 3).Statistics;

        Assert.InRange(statistics.PeakBytes, 0.97 * budget, budget);
        Assert.Equal(2 * 16 * BudgetedCache.Shape.ElementsPerToken / 8, BudgetedCache.Plan("learned:dropping+sinks1").Least(Tokens));
    }

    /// <summary>The bits are spread over the sequence, not spent on its beginning.</summary>
    [Fact]
    public void Prompt_and_continuation_are_kept_alike()
    {
        const int Tokens = 2000;
        long budget = (long)(3.5 / 8 * BudgetedCache.Shape.ElementsPerToken * Tokens);

        double[] bits = [.. BudgetedCache.Fill("learned", budget, 1500, Tokens, 3).Tiers.Select(tier => TierCost.Nominal(tier).Bits)];

        Assert.All(bits.Chunk(250), part => Assert.InRange(part.Average(), 3.2, 3.8));
    }

    /// <summary>On a text whose features lie elsewhere, the curve's price would leave most of the budget to the end.</summary>
    [Theory]
    [InlineData(0.5f)]
    [InlineData(12f)]
    public void A_curve_that_does_not_hold_is_corrected(float size)
    {
        const int Tokens = 3000;
        long budget = (long)(4.0 / 8 * BudgetedCache.Shape.ElementsPerToken * Tokens);

        (CacheStatistics statistics, KvTier[] tiers) = BudgetedCache.Fill("learned", budget, 2500, Tokens, 3, size);

        double[] parts = [.. tiers.Select(tier => TierCost.Nominal(tier).Bits).Chunk(500).Select(part => part.Average())];
        TestContext.Current.TestOutputHelper?.WriteLine($"bits by 500 tokens: {string.Join(", ", parts.Select(bits => $"{bits:F2}"))}; {100.0 * statistics.PeakBytes / budget:F2} % used");
        Assert.All(parts.Skip(1), bits => Assert.InRange(bits, 3.4, 4.6));
        Assert.InRange(statistics.PeakBytes, 0.98 * budget, budget);
    }

    [Fact]
    public void The_least_budget_is_told()
    {
        BudgetPlan plan = BudgetedCache.Plan("learned+sinks1");
        long least = plan.Least(300);

        Assert.Equal(300, BudgetedCache.Fill("learned+sinks1", least, 100, 300, 1).Statistics.Tokens);
        Assert.Contains("too small for 300 tokens", Assert.Throws<ArgumentException>(() => plan.For(least - 1, 100, 300, 256)).Message, StringComparison.Ordinal);
        Assert.Equal(KvTier.Of(BitWidth.Two), plan.Cheapest);

        // 2.25 bits for all but the sink, and the token whose step it is once more.
        Assert.Equal((2.25 * 299) + 32, least * 8.0 / BudgetedCache.Shape.ElementsPerToken);
    }

    [Fact]
    public void The_most_tokens_are_those_whose_least_budget_fits()
    {
        BudgetPlan plan = BudgetedCache.Plan("learned+recent8");
        int most = plan.MostTokens(50_000, 5000);

        Assert.True(plan.Least(most) <= 50_000 && plan.Least(most + 1) > 50_000);
        Assert.Equal((0, 12), (plan.MostTokens(100, 5000), plan.MostTokens(50_000, 12)));
    }

    [Fact]
    public void Only_a_controller_without_bits_of_its_own_can_follow_a_budget()
    {
        Refused("policy 'static-4' has bits of its own", BudgetedCache.Policy("static-4"));
        Refused("policy 'learned-3.5+sinks1' has bits of its own", BudgetedCache.Policy("learned-3.5+sinks1"));
        Refused("no budget curve", PolicyCatalog.ParseOne("learned", controllers: new Dictionary<string, Controller> { ["learned"] = Sample.Controller(8) }));
    }

    [Fact]
    public void Tokens_are_asked_once_and_in_order()
    {
        (PrecisionPolicy policy, _) = BudgetedCache.Plan("learned").For(1 << 20, 4, 8, 4);

        Assert.Equal("learned+budget", policy.Name);
        Assert.Throws<InvalidOperationException>(() => policy.Choose(new TokenView(1, new float[20], (_, _) => default)));
    }

    private static void Refused(string words, PrecisionPolicy policy) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => new BudgetPlan(policy, BudgetedCache.Shape, new KvCacheOptions())).Message, StringComparison.Ordinal);
}
