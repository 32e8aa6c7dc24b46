using System.Diagnostics;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Inference;

/// <summary>A session whose cache is filled as a policy and a mode say.</summary>
internal sealed class PolicySession : IDisposable
{
    private const int MaxBatch = 256;

    private readonly PrecisionPolicy policy;
    private readonly KvTier[] tiers;
    private readonly SaliencyTracker tracker;
    private readonly SaliencyOf? known;
    private readonly Func<int, KvTier> tierOf;
    private long deciding;
    private long encoding;

    /// <param name="model">The model.</param>
    /// <param name="policy">Chooses the tiers.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Most tokens of a sequence.</param>
    /// <param name="known">What the policy looks at, where a first pass at 16 bits is not this session's to make.</param>
    public PolicySession(LlamaModel model, PrecisionPolicy policy, CacheMode mode, EngineSetup setup, int maxTokens, SaliencyOf? known = null)
    {
        this.policy = policy;
        this.known = known;
        Mode = mode;
        tiers = new KvTier[MaxBatch + policy.Recent];
        tracker = new SaliencyTracker(model, known is null ? policy.Features : [], policy.Rarity, maxTokens, policy.Recent);
        Engine = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            MaxBatch = MaxBatch,
            PreciseAttention = setup.PreciseAttention,
            RecordSignals = tracker.NeedsSignals,
            SignalWindow = tracker.SignalWindow,
            TimeSteps = setup.TimeSteps,
            Cache = setup.Code with { MaxTokens = maxTokens, Staging = policy.Staging },
        });
        OwnError ownError = Engine.Cache.OwnError;
        tierOf = position =>
        {
            long start = Stopwatch.GetTimestamp();
            KvTier tier = policy.Choose(new TokenView(position, known is null ? tracker.Of(position) : known(position), ownError));
            deciding += Stopwatch.GetTimestamp() - start;
            return tier;
        };
    }

    public CacheMode Mode { get; }

    public Session Engine { get; }

    /// <summary>Time that the last <see cref="Step"/> took to see a token's features and choose a tier.</summary>
    public TimeSpan Decision => Stopwatch.GetElapsedTime(0, deciding);

    /// <summary>Time that the last <see cref="Step"/> took to move a token to its tier.</summary>
    public TimeSpan Encoding => Stopwatch.GetElapsedTime(0, encoding);

    /// <summary>Tokens one call of <see cref="Advance"/> takes.</summary>
    public static int Limit => MaxBatch;

    /// <summary>Reads up to <see cref="Limit"/> tokens after what the cache holds and leaves them encoded.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="visit">Called with the row of each token, in order; null where no logits are wanted.</param>
    public void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit)
    {
        switch (Mode)
        {
            case CacheMode.Decode:
                Decode(tokens, visit);
                return;
            case CacheMode.TwoPass when policy.Recent > 0 || policy.LooksAtTokens:
                RunRecent(tokens);
                break;
            case CacheMode.TwoPass:
                Span<KvTier> chosen = tiers.AsSpan(0, tokens.Length);
                policy.Choose(Engine.Cache.Count, chosen);
                Engine.Run(tokens, [new Segment(Engine.Cache.Count, tokens.Length)], chosen);
                break;
            default:
                Stage(tokens);
                break;
        }

        if (visit is not null)
        {
            Engine.VisitLogits(0, tokens.Length, visit);
        }

        if (Mode == CacheMode.Prefill)
        {
            Encode();
        }
    }

    /// <summary>Runs one token after what the cache holds and gives the oldest waiting one its tier.</summary>
    /// <returns>[vocabulary] logits of the next token; valid until the next call.</returns>
    public Span<float> Step(int token)
    {
        Span<float> logits = Engine.Decode(token);
        long start = Stopwatch.GetTimestamp();
        if (policy.Features.Count > 0)
        {
            tracker.Add(Engine, 0, Engine.Cache.Count - 1, token, logits);
        }

        deciding = Stopwatch.GetTimestamp() - start;
        Encode();
        encoding = Stopwatch.GetTimestamp() - start - deciding;
        return logits;
    }

    /// <summary>Forgets the positions from <paramref name="position"/> on.</summary>
    public void Truncate(int position) => Engine.Cache.Truncate(position);

    /// <summary>Keeps what waits for its tier and what is known of it, for branches that start here.</summary>
    public PolicyPoint Pin() => new(Engine.Pin(), tracker.Pin(Engine));

    /// <summary>Goes back to a branch point; those after it are gone.</summary>
    public void Return(PolicyPoint point)
    {
        Engine.Return(point.Tokens);
        tracker.Return(point.Saliency);
    }

    /// <summary>Gives the tokens that wait their tiers, but for those the policy keeps waiting.</summary>
    public void Encode() => Engine.EncodeAllBut(policy.Recent, tierOf);

    private void Decode(ReadOnlySpan<int> tokens, LogitsVisitor? visit)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            Span<float> logits = Step(tokens[i]);
            visit?.Invoke(i, logits);
        }
    }

    // Where tiers depend on the tokens, a first pass stages them, and is then forgotten.
    private void RunRecent(ReadOnlySpan<int> tokens)
    {
        PackedKvCache cache = Engine.Cache;
        int start = cache.Count;
        int oldest = start - cache.Staged;
        if (policy.LooksAtTokens && known is null)
        {
            Stage(tokens);
        }

        Span<KvTier> chosen = tiers.AsSpan(0, Math.Max(start + tokens.Length - policy.Recent - oldest, 0));
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = tierOf(oldest + i);
        }

        cache.Truncate(start);
        Engine.RunRecent(tokens, policy.Recent, chosen);
    }

    /// <summary>Reads up to <see cref="Limit"/> tokens, which wait for their tiers.</summary>
    public void Stage(ReadOnlySpan<int> tokens)
    {
        Engine.Prefill(tokens);
        if (policy.Features.Count == 0)
        {
            return;
        }

        int first = Engine.Cache.Count - tokens.Length;
        int[] ids = tokens.ToArray();
        if (tracker.NeedsLogits)
        {
            Engine.VisitLogits(0, ids.Length, (row, logits) => tracker.Add(Engine, row, first + row, ids[row], logits));
            return;
        }

        for (int row = 0; row < ids.Length; row++)
        {
            tracker.Add(Engine, row, first + row, ids[row], []);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();
}
