using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;
using AdaptiveKv.Server.Wire;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>
/// Who may begin, and with how many bytes. What is left of the budget is shared out equally among those that wait, and half of it stays for others while slots are free;
/// who needs more at least gets that. So the bytes set aside never add up to more than the budget, and a sequence that began can always end.
/// </summary>
internal sealed class Admission
{
    // The share of the budget in which tokens of a prompt wait for their tiers together, of one sequence at a time.
    private const int BatchShare = 16;
    private const int MostBatch = 256;

    private readonly LlamaModel model;
    private readonly SchedulerOptions options;
    private readonly CacheStore store;
    private readonly ISharePlan plan;
    private readonly long limit;
    private readonly long batchBytes;

    /// <summary>Prepares.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Budget and policies.</param>
    /// <param name="store">The caches.</param>
    /// <exception cref="ArgumentException">The policies cannot keep a budget.</exception>
    public Admission(LlamaModel model, SchedulerOptions options, CacheStore store)
    {
        (this.model, this.options, this.store) = (model, options, store);
        PrecisionPolicy first = options.Policies[0]();
        long token = TierFootprint.Of(KvTier.Of(first.Staging), model.CacheShape, options.Code).UnitBytes;
        Batch = (int)Math.Clamp((options.Budget ?? long.MaxValue) / BatchShare / token, 1, MostBatch);
        batchBytes = (Batch - 1) * token;
        limit = (options.Budget ?? long.MaxValue) - batchBytes;
        Pool = new CachePool(options.Budget);
        KvCacheOptions code = options.Code with { Staging = first.Staging };
        plan = options.Budget is null ? new FreePlan(options.Policies[0])
            : PolicyCatalog.IsLearned(first.Name) ? new LearnedPlan(options.Policies[0], model.CacheShape, code)
            : new PositionPlan(options.Policies, model.CacheShape, code);
        for (int step = 1 << 30; step > 0; step >>= 1)
        {
            MostTokens += step <= model.Shape.ContextLength - MostTokens && plan.Least(SequenceStart.Empty, MostTokens + step) <= limit ? step : 0;
        }
    }

    /// <summary>Most tokens of a prompt that are read together.</summary>
    public int Batch { get; }

    /// <summary>What all caches take.</summary>
    public CachePool Pool { get; }

    /// <summary>Most tokens, prompt and continuation together, that the model's context and the whole budget have room for.</summary>
    public int MostTokens { get; }

    /// <summary>Begins a sequence if there is room.</summary>
    /// <param name="request">The sequence.</param>
    /// <param name="parts">How many share what is left.</param>
    /// <param name="team">Runs it, and all others, one after the other.</param>
    /// <returns>Its cache; null where it has to wait.</returns>
    public CacheHolder? Admit(SequenceRequest request, int parts, ThreadTeam team)
    {
        if (request.ScoresPrompt || store.Find(request.Prompt) is not var (lender, common))
        {
            return Admit(request, parts, team, null, 0);
        }

        if (lender.Session is not null && lender.Cache.Count < common)
        {
            // Prompts are read one after the other: this one would not be read sooner.
            return null;
        }

        int shared = Math.Min(common, lender.Encoded);
        CacheHolder? holder = Admit(request, parts, team, shared > 0 ? lender : null, shared);
        return holder is null && lender.Session is null ? Admit(request, parts, team, null, 0) : holder;
    }

    private CacheHolder? Admit(SequenceRequest request, int parts, ThreadTeam team, CacheHolder? lender, int shared)
    {
        SequenceStart start = lender is null ? SequenceStart.Empty : SequenceStart.Of(lender.Cache, shared, options.Code);
        long least = plan.Least(start, request.Total);
        long left = limit - store.Bound(lender);
        if (least > left)
        {
            return null;
        }

        (PrecisionPolicy policy, long bytes) = plan.For(Math.Max(least, left / parts), start, request.Prompt.Length, request.Total);
        store.Reduce(limit - bytes, lender);
        EngineSetup setup = new(options.Threads, options.Code with { Pool = Pool, MaxBytes = options.Budget is null ? null : bytes + batchBytes }, Batch: Batch) { Team = team };
        AdaptiveSession session = new(model, policy, request.ScoresPrompt ? CacheMode.TwoPass : CacheMode.Prefill, setup, request.Total);
        CacheHolder holder = new(session, request.Prompt, lender, start, bytes);
        store.Add(holder);
        return holder;
    }
}
