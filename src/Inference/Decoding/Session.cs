using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// One sequence: a model, a packed KV cache and the threads that run them. A token is staged at 16 bits by <see cref="Decode(int)"/> or
/// <see cref="Prefill"/> and stays so until Encode gives it its tier.
/// </summary>
internal sealed unsafe class Session : IDisposable
{
    private readonly LlamaModel model;
    private readonly ThreadTeam team;
    private readonly RotaryEmbedding rotary;
    private readonly BatchPlan plan;
    private readonly BatchPass batch;
    private readonly DecodeStep step;
    private readonly StepSequence sequence;
    private readonly OutputPass output;
    private readonly Action<int> runBatch;
    private readonly Action<int> runEncode;
    private readonly SignalRecorder? batchSignals;
    private readonly SignalRecorder? stepSignals;
    private readonly HiddenRecorder? batchHidden;
    private readonly HiddenRecorder? stepHidden;
    private SignalRecorder? signals;
    private HiddenRecorder? hidden;
    private Workspace? batchSpace;

    /// <summary>Allocates the cache's tables and the scratch memory.</summary>
    public Session(LlamaModel model, SessionOptions options)
    {
        this.model = model;
        Options = options;
        team = options.Team ?? new ThreadTeam(options.Threads);
        KvTransform transform = options.Cache.Transform ?? KvTransform.Identity(model.CacheShape);
        Cache = new PackedKvCache(model.CacheShape, options.Cache with { Transform = options.Observer is null ? model.Reach.Fit(transform) : transform });
        rotary = new RotaryEmbedding(model.Shape, options.Cache.MaxTokens);
        plan = new BatchPlan(options.MaxBatch, model.CacheShape);
        if (options.RecordSignals)
        {
            signals = batchSignals = new SignalRecorder(model.Shape, options.MaxBatch, options.SignalWindow);
            stepSignals = new SignalRecorder(model.Shape, 1, options.SignalWindow);
        }

        if (options.HiddenLayer > 0)
        {
            hidden = batchHidden = new HiddenRecorder(options.HiddenLayer, options.MaxBatch, model.Shape.Hidden);
            stepHidden = new HiddenRecorder(options.HiddenLayer, 1, model.Shape.Hidden);
        }

        batch = new BatchPass(model, Cache, rotary, team, plan, batchSignals, batchHidden, options.Observer, options.Times);
        sequence = new StepSequence(model, Cache, rotary, options.PreciseAttention, stepSignals, stepHidden, options.Times);
        step = new DecodeStep(model, team, capacity: 1, options.Times);
        output = new OutputPass(model, team);
        runBatch = member => batch.Run(member, batchSpace!);
        runEncode = EncodeShare;
    }

    /// <summary>What it was made with.</summary>
    public SessionOptions Options { get; }

    /// <summary>The sequence's keys and values.</summary>
    public PackedKvCache Cache { get; }

    /// <summary>Runs one token after all that the cache holds, and leaves it staged. Allocates nothing.</summary>
    /// <returns>[vocabulary] logits of the next token; valid until the next call, not to be overwritten.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such token.</exception>
    /// <exception cref="ArithmeticException">The logits are not numbers: the weights are damaged.</exception>
    public Span<float> Decode(int token) => Decode(token, out _);

    /// <summary>As <see cref="Decode(int)"/>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="next">What the logits are like, measured by the threads that wrote them.</param>
    public Span<float> Decode(int token, out NextTokenStatistics next)
    {
        step.Run([Join(token)], new ReadOnlySpan<int>(in token));
        next = sequence.Next;
        return sequence.Logits;
    }

    /// <summary>Its part in a step that runs a token of it, perhaps with those of other sessions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such token.</exception>
    public StepSequence Join(int token)
    {
        CheckToken(token);
        (signals, hidden) = (stepSignals, stepHidden);
        return sequence;
    }

    /// <summary>[vocabulary] logits of the last step; batched passes leave them alone.</summary>
    public Span<float> Logits => sequence.Logits;

    /// <summary>Gives the oldest staged tokens their tiers.</summary>
    /// <param name="tiers">In order; newer tokens stay staged.</param>
    public void Encode(ReadOnlySpan<KvTier> tiers)
    {
        if (tiers.IsEmpty)
        {
            return;
        }

        Cache.BeginEncode(tiers);
        team.Run(runEncode);
        Cache.EndEncode();
    }

    /// <summary>Gives the one staged token its tier.</summary>
    public void Encode(KvTier tier) => Encode(new ReadOnlySpan<KvTier>(ref tier));

    /// <summary>Runs a chunk after all that the cache holds; the chunk attends to itself at 16 bits and stays staged.</summary>
    /// <param name="tokens">1 to MaxBatch tokens.</param>
    public void Prefill(ReadOnlySpan<int> tokens) => Run(tokens, [new Segment(Cache.Count, tokens.Length)], []);

    /// <summary>
    /// Runs segments of tokens in one batch. With tiers each token sees earlier ones encoded and itself at 16 bits, exactly as in
    /// decoding; without, the segments are staged. The cache ends with the last segment in place.
    /// </summary>
    /// <param name="tokens">[rows], segment after segment.</param>
    /// <param name="segments">Runs of rows; branches of one prefix start at the same position.</param>
    /// <param name="tiers">[rows] or empty.</param>
    public void Run(ReadOnlySpan<int> tokens, ReadOnlySpan<Segment> segments, ReadOnlySpan<KvTier> tiers)
    {
        Check(tokens, segments, tiers);
        batchSpace ??= NewSpace();
        plan.Lay(Cache, tokens, segments, tiers);
        RunBatch();
    }

    /// <summary>
    /// Runs tokens after all that the cache holds, as steps that keep the newest tokens staged would: each token sees the
    /// <paramref name="recent"/> tokens before it and itself at the staging width and older ones encoded. As many as stay are staged at the end.
    /// </summary>
    /// <param name="tokens">1 to MaxBatch tokens.</param>
    /// <param name="recent">Tokens that stay staged after each step; no fewer than are staged now.</param>
    /// <param name="tiers">One for each token that leaves the staging width, the oldest staged one first.</param>
    public void RunRecent(ReadOnlySpan<int> tokens, int recent, ReadOnlySpan<KvTier> tiers)
    {
        Check(tokens, [new Segment(Cache.Count, tokens.Length)], []);
        ArgumentOutOfRangeException.ThrowIfLessThan(recent, Cache.Staged);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tiers.Length, Math.Max(Cache.Staged + tokens.Length - recent, 0), nameof(tiers));
        batchSpace ??= NewSpace();
        plan.LayRecent(Cache, tokens, recent, tiers);
        RunBatch();
    }

    /// <summary>Keeps the staged tokens, for branches that start after them and encode them; branches may have branch points of their own.</summary>
    public BranchPoint Pin()
    {
        StagedTail staged = new(Cache.Shape);
        staged.Take(Cache);
        staged.Restore(Cache);
        return new BranchPoint(staged);
    }

    /// <summary>Goes back to a branch point, for another branch; those after it are gone.</summary>
    public void Return(BranchPoint point) => point.Staged.Restore(Cache);

    /// <summary>Logits after rows of the last batch, a few rows at a time.</summary>
    public void VisitLogits(int firstRow, int count, LogitsVisitor visit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow + count, plan.Rows, nameof(count));
        output.Visit(batchSpace!.Stream, firstRow, count, visit);
    }

    /// <summary>What the layers showed of a token of the last call; row 0 after <see cref="Decode(int)"/>.</summary>
    /// <exception cref="InvalidOperationException">The session was made without <see cref="SessionOptions.RecordSignals"/>.</exception>
    public TokenSignals Signals(int row) => Recorded().Of(row);

    /// <summary>Weight that a row of the last call gave the token <paramref name="back"/> before it, mean over query heads and layers.</summary>
    /// <param name="row">Row of the last call.</param>
    /// <param name="back">1 to <see cref="SessionOptions.SignalWindow"/>.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="Signals"/>.</exception>
    public float WeightGiven(int row, int back) => Recorded().Given(row, back);

    /// <summary>[hidden] residual stream of a token of the last call after <see cref="SessionOptions.HiddenLayer"/>; row 0 after <see cref="Decode(int)"/>.</summary>
    /// <exception cref="InvalidOperationException">The session was made without that layer.</exception>
    public ReadOnlySpan<float> Hidden(int row) => (hidden ?? throw new InvalidOperationException("the session does not keep hidden states")).Of(row);

    /// <summary>Frees all but the cache, which is the caller's then.</summary>
    public PackedKvCache Detach()
    {
        if (Options.Team is null)
        {
            team.Dispose();
        }

        step.Dispose();
        sequence.Dispose();
        output.Dispose();
        batchSpace?.Dispose();
        rotary.Dispose();
        return Cache;
    }

    /// <inheritdoc/>
    public void Dispose() => Detach().Dispose();

    private void RunBatch()
    {
        (signals, hidden) = (batchSignals, batchHidden);
        batchSpace!.Expect(plan.Rows);
        team.Run(runBatch);
    }

    private Workspace NewSpace() => new(model, Cache, Options, team.Threads, Options.MaxBatch, Options.Times);

    private SignalRecorder Recorded() => signals ?? throw new InvalidOperationException("the session does not record signals");

    private void EncodeShare(int member)
    {
        foreach (int lane in team.Items(Cache.Shape.Lanes, member))
        {
            Cache.EncodeLane(lane);
        }
    }

    private void Check(ReadOnlySpan<int> tokens, ReadOnlySpan<Segment> segments, ReadOnlySpan<KvTier> tiers)
    {
        if (tokens.IsEmpty || tokens.Length > Options.MaxBatch)
        {
            throw new ArgumentException($"{tokens.Length} tokens; a batch holds 1 to {Options.MaxBatch}", nameof(tokens));
        }

        if (!tiers.IsEmpty && tiers.Length != tokens.Length)
        {
            throw new ArgumentException($"{tiers.Length} tiers for {tokens.Length} tokens", nameof(tiers));
        }

        if (!tiers.IsEmpty && !segments.IsEmpty && segments[0].Start > Cache.Count - Cache.Staged)
        {
            throw new ArgumentException($"the cache holds {Cache.Staged} staged tokens; encode them before tokens of known tiers follow", nameof(segments));
        }

        int rows = 0;
        int end = Cache.Count;
        foreach (Segment segment in segments)
        {
            if (segment.Count < 1 || segment.Start < 0 || segment.Start > end)
            {
                throw new ArgumentException($"segment of {segment.Count} tokens at {segment.Start}: expected 1 or more tokens, at 0 to {end}", nameof(segments));
            }

            end = segment.Start + segment.Count;
            rows += segment.Count;
            if (segment.Start + segment.Count > Cache.MaxTokens)
            {
                throw new ArgumentException($"position {segment.Start + segment.Count}: the cache holds {Cache.MaxTokens} tokens", nameof(segments));
            }
        }

        if (rows != tokens.Length)
        {
            throw new ArgumentException($"segments of {rows} rows for {tokens.Length} tokens", nameof(segments));
        }

        foreach (int token in tokens)
        {
            CheckToken(token);
        }
    }

    private void CheckToken(int token)
    {
        if ((uint)token >= (uint)model.Shape.Vocabulary)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"token ids are 0 to {model.Shape.Vocabulary - 1}");
        }
    }
}
