namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>
/// Perplexity of a text under several policies, and their KL divergence from one of them. All policies read the text in step, a chunk at a
/// time, so that the reference's logits need memory for one chunk only. An instance serves one run.
/// </summary>
public sealed class PerplexityEvaluation
{
    /// <summary>Positions per chunk: enough to fill matrix products, few enough that their logits (12.6 MB at 49,152 ids) stay small.</summary>
    public const int ChunkLength = 64;

    private readonly (string Name, LogitsSession Session, PolicyTally Tally)[] _runs;
    private readonly string? _reference;
    private readonly TimeProvider _clock;
    private readonly LogitMath _math;
    private readonly ReferenceChunk? _chunk;

    /// <summary>Prepares a run.</summary>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="reference">The policy that the others are compared with; null for none.</param>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="clock">Measures the engine's time.</param>
    public PerplexityEvaluation(IReadOnlyList<(string Name, LogitsSession Session)> policies, string? reference, int vocabulary, TimeProvider clock)
    {
        // The reference goes first in every chunk: the others are compared with what it left.
        _runs = [.. policies.OrderBy(policy => policy.Name != reference).Select(policy => (policy.Name, policy.Session, new PolicyTally(policy.Name)))];
        _reference = reference;
        _clock = clock;
        _math = new LogitMath(vocabulary);
        _chunk = reference is null ? null : new ReferenceChunk(ChunkLength, vocabulary);
        if (reference is not null && _runs[0].Name != reference)
        {
            throw new ArgumentException($"the reference {reference} is none of the policies", nameof(reference));
        }
    }

    /// <summary>Reads the windows under every policy.</summary>
    /// <param name="text">Token ids of the text.</param>
    /// <param name="windows">Stretches of it.</param>
    /// <param name="progress">Hears the number of tokens read, of the sum of the windows' lengths less one each.</param>
    /// <param name="cancellation">Ends the run after the current chunk, which all policies have then read.</param>
    /// <exception cref="InvalidDataException">A logit is not a number.</exception>
    public PerplexityResult Run(ReadOnlyMemory<int> text, IReadOnlyList<TextWindow> windows, IProgress<long>? progress, CancellationToken cancellation)
    {
        long start = _clock.GetTimestamp();
        long read = 0;
        int done = 0;
        foreach (TextWindow window in windows)
        {
            if (!ReadWindow(text.Span.Slice(window.Start, window.Length), window, progress, ref read, cancellation))
            {
                break;
            }

            done++;
        }

        int tokens = _runs[0].Tally.Tokens;
        IReadOnlyList<PerplexitySummary> summaries = tokens == 0 ? [] : [.. _runs.Select(run => run.Tally.Summary())];
        return new PerplexityResult(summaries, tokens, done, _clock.GetElapsedTime(start).TotalSeconds);
    }

    /// <returns>Whether the window was read to its end.</returns>
    private bool ReadWindow(ReadOnlySpan<int> tokens, TextWindow window, IProgress<long>? progress, ref long read, CancellationToken cancellation)
    {
        foreach ((_, LogitsSession session, _) in _runs)
        {
            session.Reset();
        }

        // Nothing follows the last token, so it is not read.
        int position = 0;
        int end = tokens.Length - 1;
        while (position < end && !cancellation.IsCancellationRequested)
        {
            // Context before the first scored token is read without logits; a chunk is either context or scored.
            int firstVisited = window.FirstScored - 1;
            bool scored = position >= firstVisited;
            int length = Math.Min(ChunkLength, (scored ? end : firstVisited) - position);
            foreach ((string name, LogitsSession session, PolicyTally tally) in _runs)
            {
                ReadChunk(name, session, tally, tokens, position, length, scored);
            }

            position += length;
            read += length;
            progress?.Report(read);
        }

        if (position > 0)
        {
            foreach ((_, LogitsSession session, PolicyTally tally) in _runs)
            {
                tally.AddCache(session.Statistics());
            }
        }

        return position == end;
    }

    private void ReadChunk(string name, LogitsSession session, PolicyTally tally, ReadOnlySpan<int> tokens, int first, int length, bool scored)
    {
        int[] following = scored ? tokens.Slice(first + 1, length).ToArray() : [];
        TimeSpan comparing = TimeSpan.Zero;
        long start = _clock.GetTimestamp();
        session.Advance(tokens.Slice(first, length), scored ? Visit : null);
        if (scored)
        {
            tally.AddTime((_clock.GetElapsedTime(start) - comparing).TotalMilliseconds, length);
        }

        void Visit(int position, ReadOnlySpan<float> logits)
        {
            long visited = _clock.GetTimestamp();
            Score(name, tally, position, position - first, following[position - first], logits);
            comparing += _clock.GetElapsedTime(visited);
        }
    }

    private void Score(string name, PolicyTally tally, int position, int index, int following, ReadOnlySpan<float> logits)
    {
        double logSum = _math.LogSumExp(logits);
        double loss = logSum - logits[following];
        if (!double.IsFinite(loss))
        {
            throw new InvalidDataException(
                $"policy {name}: the logits after position {position} are not finite: the model's weights are damaged or overflow; check them with 'akv model verify'");
        }

        tally.AddLoss(loss);
        if (name == _reference)
        {
            _chunk!.Store(index, logits, logSum, loss);
        }
        else if (_chunk is not null)
        {
            tally.AddComparison(_math, _chunk, index, logits, logSum, loss);
        }
    }
}
