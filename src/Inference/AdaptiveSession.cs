using System.Diagnostics;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Inference;

/// <summary>
/// One sequence under a policy: the engine stages tokens at 16 bits, what is seen of them goes to the policy, and the tiers that it names into the packed
/// cache. Not safe for use by several threads at a time; sessions of one model may run side by side.
/// </summary>
public sealed partial class AdaptiveSession : IDisposable
{
    private readonly SaliencyTracker saliency;
    private readonly OwnError ownError;
    private readonly KvTier[] tiers;
    private readonly bool watches;
    private readonly bool isTold;
    private long deciding;
    private long encoding;

    /// <summary>Allocates the cache's tables and scratch memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy">Chooses the tiers; serves this session alone.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Most tokens of a sequence.</param>
    /// <param name="needs">What is seen of tokens; null for what the policy looks at. What the policy looks at beyond that must be told.</param>
    /// <exception cref="InvalidDataException">The policy's rarity table is of another vocabulary, or its probe of another model's shape.</exception>
    public AdaptiveSession(LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens, SaliencyNeeds? needs = null)
    {
        needs ??= SaliencyNeeds.Of(policy);
        (Model, Policy, Mode, watches, isTold) = (model, policy, mode, needs.Features.Count > 0, policy.Features.Except(needs.Features).Any());
        tiers = new KvTier[Math.Max(maxTokens, setup.Batch)];
        saliency = new SaliencyTracker(model, needs, maxTokens);
        Engine = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            Team = setup.Team,
            MaxBatch = setup.Batch,
            PreciseAttention = setup.PreciseAttention,
            RecordSignals = saliency.NeedsSignals,
            SignalWindow = needs.Window,
            HiddenLayer = needs.HiddenLayer,
            Times = setup.Times,
            Cache = setup.Code with { MaxTokens = maxTokens, Staging = policy.Staging },
        });
        ownError = Engine.Cache.OwnError;
    }

    /// <summary>Opens a session for one pass over each sequence, whose cache never takes more than a number of bytes.</summary>
    /// <param name="bytes">The budget.</param>
    /// <param name="model">The model.</param>
    /// <param name="policy">A controller's choice without a mean of bits of its own, perhaps modified.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="prompt">Tokens of the prompt, which is read first; all tokens where it is not known.</param>
    /// <param name="total">Most tokens of the sequence.</param>
    /// <exception cref="ArgumentException">The policy cannot keep a budget, or the budget is too small.</exception>
    public static AdaptiveSession Within(long bytes, LlamaModel model, PrecisionPolicy policy, EngineSetup setup, int prompt, int total)
    {
        (PrecisionPolicy kept, int batch) = Plan(bytes, model, policy, setup, total).For(bytes, prompt, total, setup.Batch);
        return new AdaptiveSession(model, kept, CacheMode.Prefill, setup with { Code = setup.Code with { MaxBytes = bytes }, Batch = batch }, total);
    }

    /// <summary>What a budget allows.</summary>
    /// <param name="bytes">As in <see cref="Within"/>.</param>
    /// <param name="model">As in <see cref="Within"/>.</param>
    /// <param name="policy">As in <see cref="Within"/>.</param>
    /// <param name="setup">As in <see cref="Within"/>.</param>
    /// <param name="total">As in <see cref="Within"/>.</param>
    /// <exception cref="ArgumentException">The policy cannot keep a budget.</exception>
    public static BudgetPlan Plan(long bytes, LlamaModel model, PrecisionPolicy policy, EngineSetup setup, int total) =>
        new(policy, model.CacheShape, setup.Code with { MaxTokens = total, Staging = policy.Staging, MaxBytes = bytes });

    /// <summary>The model.</summary>
    public LlamaModel Model { get; }

    /// <summary>Chooses the tiers.</summary>
    public PrecisionPolicy Policy { get; }

    /// <summary>How the cache is filled.</summary>
    public CacheMode Mode { get; }

    /// <summary>The sequence's keys and values.</summary>
    public PackedKvCache Cache => Engine.Cache;

    /// <summary>[vocabulary] logits after the last step, alone or in a <see cref="SessionBatch"/>; valid until the next one.</summary>
    public Span<float> Logits => Engine.Logits;

    internal Session Engine { get; }

    /// <summary>Time that the last <see cref="Step(int)"/> took to see a token's features and choose a tier.</summary>
    internal TimeSpan Decision => Stopwatch.GetElapsedTime(0, deciding);

    /// <summary>Time that the last <see cref="Step(int)"/> took to move a token to its tier.</summary>
    internal TimeSpan Encoding => Stopwatch.GetElapsedTime(0, encoding);

    /// <summary>Reads tokens after what the cache holds, a batch at a time, and gives them their tiers.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="visit">Called with the logits after each token from <paramref name="first"/> on, its row counted in <paramref name="tokens"/>; null where none are wanted, which saves the output matrix.</param>
    /// <param name="first">The first token whose logits are wanted.</param>
    public void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit, int first = 0)
    {
        for (int done = 0; done < tokens.Length; done += Engine.Options.MaxBatch)
        {
            int begin = done;
            ReadOnlySpan<int> batch = tokens.Slice(done, Math.Min(Engine.Options.MaxBatch, tokens.Length - done));
            LogitsVisitor? own = visit is null || first >= done + batch.Length ? null : (row, logits) => visit(begin + row, logits);
            AdvanceBatch(batch, own, Math.Max(first - done, 0));
        }
    }

    /// <summary>Runs one token after what the cache holds and gives the oldest waiting one its tier. Allocates nothing.</summary>
    /// <returns>[vocabulary] logits of the next token; valid until the next call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such token.</exception>
    public Span<float> Step(int token) => Step(token, out _);

    /// <summary>As <see cref="Step(int)"/>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="next">What the logits are like.</param>
    public Span<float> Step(int token, out NextTokenStatistics next)
    {
        Expect(token);
        Span<float> logits = Engine.Decode(token, out next);
        long start = Stopwatch.GetTimestamp();
        ReadOnlySpan<KvTier> chosen = Choose(token, next);
        deciding = Stopwatch.GetTimestamp() - start;
        Engine.Encode(chosen);
        encoding = Stopwatch.GetTimestamp() - start - deciding;
        return logits;
    }

    /// <summary>Continues a text; what the session held before is forgotten.</summary>
    /// <param name="prompt">At least one token.</param>
    /// <param name="options">How it is continued; null for the defaults: the likeliest token each time, at most 256.</param>
    /// <param name="cancellation">Ends the continuation after the current token.</param>
    /// <returns>The text, piece by piece, made as far as it is enumerated.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or does not fit, or options are wrong; the message names all faults.</exception>
    public Generation Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        Reset();
        return new Generation(this, Model.Tokenizer.Encode(prompt), options ?? new GenerationOptions(), cancellation);
    }

    /// <summary>Forgets the sequence, for another one.</summary>
    public void Reset()
    {
        Truncate(0);
        Policy.Begin(0);
    }

    /// <summary>Forgets the positions from <paramref name="position"/> on, which have their tiers.</summary>
    public void Truncate(int position)
    {
        Cache.Truncate(position);
        PromptEnd = Math.Min(PromptEnd, position);
    }

    /// <summary>What the cache holds and what it costs, by its allocator.</summary>
    public CacheStatistics Statistics() => Cache.Statistics();

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();

    /// <summary>Hears a token before a step runs it.</summary>
    internal void Expect(int token)
    {
        if (watches)
        {
            saliency.Expect(Engine, token);
        }
    }

    /// <summary>Sees what a step showed of its token, and chooses the tiers of those that wait no longer.</summary>
    internal ReadOnlySpan<KvTier> Choose(int token, NextTokenStatistics next)
    {
        if (watches)
        {
            saliency.AddStep(Engine, token, next);
        }

        return Choose(Cache.Staged - Policy.Recent);
    }

    /// <summary>Reads up to a batch of tokens, which wait for their tiers.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="visit">As in <see cref="Advance"/>.</param>
    /// <param name="first">As in <see cref="Advance"/>.</param>
    internal void Stage(ReadOnlySpan<int> tokens, LogitsVisitor? visit = null, int first = 0)
    {
        Engine.Prefill(tokens);
        int start = Cache.Count - tokens.Length;
        int[] ids = tokens.ToArray();
        int visited = saliency.NeedsLogits ? 0 : visit is null ? ids.Length : first;
        for (int row = 0; watches && row < visited; row++)
        {
            saliency.AddRow(Engine, row, start + row, ids[row], []);
        }

        Engine.VisitLogits(visited, ids.Length - visited, (row, logits) =>
        {
            if (watches)
            {
                saliency.AddRow(Engine, row, start + row, ids[row], logits);
            }

            if (row >= first)
            {
                visit?.Invoke(row, logits);
            }
        });
    }

    /// <summary>Gives the tokens that wait their tiers, but for those the policy keeps waiting.</summary>
    internal void Encode() => Engine.Encode(Choose(Cache.Staged - Policy.Recent));

    /// <summary>Keeps what waits for its tier and what is known of it, for branches that start here; branches may have branch points of their own.</summary>
    internal PolicyPoint Pin() => new(Engine.Pin(), saliency.Pin(Engine));

    /// <summary>Goes back to a branch point; those after it are gone.</summary>
    internal void Return(PolicyPoint point)
    {
        Engine.Return(point.Tokens);
        saliency.Return(point.Saliency);
    }

    private void AdvanceBatch(ReadOnlySpan<int> tokens, LogitsVisitor? visit, int first)
    {
        switch (Mode)
        {
            case CacheMode.Decode:
                for (int i = 0; i < tokens.Length; i++)
                {
                    Span<float> logits = Step(tokens[i]);
                    if (i >= first)
                    {
                        visit?.Invoke(i, logits);
                    }
                }

                return;
            case CacheMode.Prefill:
                Stage(tokens, visit, first);
                Encode();
                return;
            default:
                RunTwice(tokens);
                if (visit is not null)
                {
                    Engine.VisitLogits(first, tokens.Length - first, visit);
                }

                return;
        }
    }

    // Where tiers depend on the tokens, a first pass stages them, and is then forgotten.
    private void RunTwice(ReadOnlySpan<int> tokens)
    {
        int start = Cache.Count;
        if (Policy.Recent == 0 && !Policy.LooksAtTokens)
        {
            Span<KvTier> known = tiers.AsSpan(0, tokens.Length);
            Policy.Choose(start, known);
            Engine.Run(tokens, [new Segment(start, tokens.Length)], known);
            return;
        }

        int leaving = Cache.Staged + tokens.Length - Policy.Recent;
        if (Policy.LooksAtTokens && !isTold)
        {
            Stage(tokens);
        }

        ReadOnlySpan<KvTier> chosen = Choose(leaving);
        Cache.Truncate(start);
        Engine.RunRecent(tokens, Policy.Recent, chosen);
    }

    // Of the oldest tokens that wait.
    private Span<KvTier> Choose(int count)
    {
        int first = Cache.Count - Cache.Staged;
        Span<KvTier> chosen = tiers.AsSpan(0, Math.Max(count, 0));
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = TierOf(first + i);
        }

        return chosen;
    }
}
