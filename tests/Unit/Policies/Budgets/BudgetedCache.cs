using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.KvCache;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Policies.Budgets;

/// <summary>A real cache filled with tokens of random features within a budget, in the order in which a generation fills it.</summary>
internal static class BudgetedCache
{
    public static CacheShape Shape { get; } = new(2, 2, 1, 64);

    /// <summary>A controller of random numbers whose curve was measured on random tokens.</summary>
    public static Controller Controller { get; } = Measured(Sample.Controller(16));

    /// <summary>It, and as "learned:dropping" one that can drop tokens.</summary>
    public static IReadOnlyDictionary<string, Controller> Controllers { get; } = new Dictionary<string, Controller> { ["learned"] = Controller, ["learned:dropping"] = Measured(Sample.Dropping(16)) };

    public static PrecisionPolicy Policy(string name) => PolicyCatalog.ParseOne(name, controllers: Controllers);

    public static BudgetPlan Plan(string name) => new(Policy(name), Shape, new KvCacheOptions());

    /// <summary>Fills a cache that may not take more than the budget.</summary>
    /// <param name="name">The policy.</param>
    /// <param name="budget">In bytes.</param>
    /// <param name="prompt">Tokens read in batches.</param>
    /// <param name="total">Tokens in all.</param>
    /// <param name="seed">Of the features.</param>
    /// <param name="size">Their largest value; the controller's curve is that of 4.</param>
    /// <returns>What it took, and the tiers by position.</returns>
    public static (CacheStatistics Statistics, KvTier[] Tiers) Fill(string name, long budget, int prompt, int total, ulong seed, float size = 4f)
    {
        KvCacheOptions options = new() { MaxTokens = total, MaxBytes = budget };
        (PrecisionPolicy policy, int batch) = Plan(name).For(budget, prompt, total, 256);
        using PackedKvCache cache = new(Shape, options);
        Fill(cache, policy, batch, prompt, total, seed, size);
        return (cache.Statistics(), [.. Enumerable.Range(0, total).Select(cache.TierAt)]);
    }

    /// <summary>The same of a cache that begins with tokens of another one.</summary>
    /// <param name="name">The policy.</param>
    /// <param name="lender">The other cache.</param>
    /// <param name="shared">Tokens taken over.</param>
    /// <param name="extra">Bytes beyond the least.</param>
    /// <param name="prompt">As above, the shared ones included.</param>
    /// <param name="total">As above.</param>
    /// <param name="seed">As above.</param>
    /// <returns>What it took of which budget.</returns>
    public static (CacheStatistics Statistics, long Budget) Continue(string name, PackedKvCache lender, int shared, long extra, int prompt, int total, ulong seed)
    {
        SequenceStart start = SequenceStart.Of(lender, shared, new KvCacheOptions());
        BudgetPlan plan = Plan(name);
        long budget = plan.Least(total, start) + extra;
        using PackedKvCache cache = new(Shape, new KvCacheOptions { MaxTokens = total, MaxBytes = budget });
        cache.BeginAs(lender, shared);
        Fill(cache, plan.For(budget, prompt, total, start), 1, prompt, total, seed, 4f);
        return (cache.Statistics(), budget);
    }

    /// <summary>Fills a cache in the order in which a generation does.</summary>
    public static void Fill(PackedKvCache cache, PrecisionPolicy policy, int batch, int prompt, int total, ulong seed, float size)
    {
        float[] row = Gaussian.Row(new Random(1), Shape.HeadDim);
        while (cache.Count < total)
        {
            int count = cache.Count < prompt ? Math.Min(batch, prompt - cache.Count) : 1;
            for (int i = 0; i < count; i++)
            {
                TokenPlace place = cache.Stage();
                for (int lane = 0; lane < Shape.Lanes; lane++)
                {
                    cache.WriteKey(place, lane, row);
                    cache.WriteValue(place, lane, row);
                }
            }

            int first = cache.Count - cache.Staged;
            cache.Encode([.. Enumerable.Range(first, Math.Max(cache.Staged - policy.Recent, 0)).Select(position =>
                policy.Choose(new TokenView(position, Features(seed, position, size), cache.OwnError)))]);
        }
    }

    private static float[] Features(ulong seed, int position, float size) => Sample.Numbers(SaliencyFeatures.All.Count, (seed * 100_000) + (ulong)position, size);

    /// <summary>The controller with the curve of random tokens.</summary>
    public static Controller Measured(Controller controller)
    {
        float[] logits = new float[4 * 2000];
        for (int token = 0; token < 2000; token++)
        {
            controller.Logits(Features(999, token, 4f), logits.AsSpan(4 * token, 4));
        }

        return new Controller(controller.Features, controller.Layers, controller.Tiers, controller.Record)
        {
            Budget = BudgetCurve.Of(logits, [.. controller.Tiers.Select(cost => cost.Bits)]),
        };
    }
}
