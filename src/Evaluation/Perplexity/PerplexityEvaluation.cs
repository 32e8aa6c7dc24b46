using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>
/// Perplexity of a text under several policies, and their KL divergence from one of them. All policies read the text in step, a chunk at a
/// time, so that the reference's logits need memory for one chunk only. An instance serves one run.
/// </summary>
public sealed class PerplexityEvaluation
{
    /// <summary>Positions per chunk: enough to fill matrix products, few enough that their logits (12.6 MB at 49,152 ids) stay small.</summary>
    public const int ChunkLength = 64;

    private readonly (string Name, LogitsSession Session, PolicyTally Tally)[] runs;
    private readonly string? reference;
    private readonly TimeProvider clock;
    private readonly LogitMath math;
    private readonly ReferenceChunk? chunk;

    /// <summary>Prepares a run.</summary>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="reference">The policy that the others are compared with; null for none.</param>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="clock">Measures the engine's time.</param>
    internal PerplexityEvaluation(IReadOnlyList<(string Name, LogitsSession Session)> policies, string? reference, int vocabulary, TimeProvider clock)
    {
        // The reference goes first in every chunk: the others are compared with what it left.
        runs = [.. policies.OrderBy(policy => policy.Name != reference).Select(policy => (policy.Name, policy.Session, new PolicyTally(policy.Name)))];
        this.reference = reference;
        this.clock = clock;
        math = new LogitMath(vocabulary);
        chunk = reference is null ? null : new ReferenceChunk(ChunkLength, vocabulary);
        if (reference is not null && runs[0].Name != reference)
        {
            throw new ArgumentException($"the reference {reference} is none of the policies", nameof(reference));
        }
    }

    /// <summary>Measures with a model: one session per policy.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="reference">The policy that the others are compared with; null for none.</param>
    /// <param name="text">Token ids of the text.</param>
    /// <param name="windows">Stretches of it, at least one.</param>
    /// <param name="mode">How the caches are filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="clock">Measures the engine's time.</param>
    /// <param name="progress">As in <see cref="Run"/>.</param>
    /// <param name="cancellation">As in <see cref="Run"/>.</param>
    public static PerplexityResult Measure(
        LlamaModel model,
        IReadOnlyList<PrecisionPolicy> policies,
        string? reference,
        ReadOnlyMemory<int> text,
        IReadOnlyList<TextWindow> windows,
        CacheMode mode,
        EngineSetup setup,
        TimeProvider clock,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        int longest = windows.Max(window => window.Length);
        var sessions = new List<LogitsSession>(policies.Count);
        try
        {
            foreach (PrecisionPolicy policy in policies)
            {
                sessions.Add(new ModelSession(model, policy, mode, setup, longest));
            }

            return new PerplexityEvaluation([.. policies.Zip(sessions, (policy, session) => (policy.Name, session))], reference, model.Shape.Vocabulary, clock)
                .Run(text, windows, progress, cancellation);
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    /// <summary>Reads the windows under every policy.</summary>
    /// <param name="text">Token ids of the text.</param>
    /// <param name="windows">Stretches of it.</param>
    /// <param name="progress">Hears the number of tokens read, of the sum of the windows' lengths.</param>
    /// <param name="cancellation">Ends the run after the current chunk, which all policies have then read.</param>
    /// <exception cref="InvalidDataException">A logit is not a number.</exception>
    internal PerplexityResult Run(ReadOnlyMemory<int> text, IReadOnlyList<TextWindow> windows, IProgress<long>? progress, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        long read = 0;
        int done = 0;
        foreach (TextWindow window in windows)
        {
            if (!ReadWindow(text.Span.Slice(window.Start, window.Length + 1), window, progress, ref read, cancellation))
            {
                break;
            }

            done++;
        }

        int tokens = runs[0].Tally.Tokens;
        IReadOnlyList<PerplexitySummary> summaries = tokens == 0 ? [] : [.. runs.Select(run => run.Tally.Summary())];
        return new PerplexityResult(summaries, tokens, done, clock.GetElapsedTime(start).TotalSeconds);
    }

    /// <param name="tokens">The window's tokens and the one that follows.</param>
    /// <param name="window">Where they stand.</param>
    /// <param name="progress">As in <see cref="Run"/>.</param>
    /// <param name="read">Tokens read so far.</param>
    /// <param name="cancellation">As in <see cref="Run"/>.</param>
    /// <returns>Whether the window was read to its end.</returns>
    private bool ReadWindow(ReadOnlySpan<int> tokens, TextWindow window, IProgress<long>? progress, ref long read, CancellationToken cancellation)
    {
        foreach ((_, LogitsSession session, _) in runs)
        {
            session.Reset();
        }

        int position = 0;
        while (position < window.Length && !cancellation.IsCancellationRequested)
        {
            // The context is read without logits; a chunk is either context or scored.
            bool scored = position >= window.Context;
            int length = Math.Min(ChunkLength, (scored ? window.Length : window.Context) - position);
            foreach ((string name, LogitsSession session, PolicyTally tally) in runs)
            {
                ReadChunk(name, session, tally, tokens, position, length, scored);
            }

            position += length;
            read += length;
            progress?.Report(read);
        }

        if (position > 0)
        {
            foreach ((_, LogitsSession session, PolicyTally tally) in runs)
            {
                tally.AddCache(session.Statistics());
            }
        }

        return position == window.Length;
    }

    private void ReadChunk(string name, LogitsSession session, PolicyTally tally, ReadOnlySpan<int> tokens, int first, int length, bool scored)
    {
        int[] following = scored ? tokens.Slice(first + 1, length).ToArray() : [];
        TimeSpan comparing = TimeSpan.Zero;
        long start = clock.GetTimestamp();
        session.Advance(tokens.Slice(first, length), scored ? Visit : null);
        if (scored)
        {
            tally.AddTime((clock.GetElapsedTime(start) - comparing).TotalMilliseconds, length);
        }

        void Visit(int row, Span<float> logits)
        {
            long visited = clock.GetTimestamp();
            Score(name, tally, first + row, row, following[row], logits);
            comparing += clock.GetElapsedTime(visited);
        }
    }

    private void Score(string name, PolicyTally tally, int position, int index, int following, ReadOnlySpan<float> logits)
    {
        double logSum = math.LogSumExp(logits);
        double loss = logSum - logits[following];
        if (!double.IsFinite(loss))
        {
            throw new InvalidDataException(
                $"policy {name}: the logits after position {position} are not finite: the model's weights are damaged or overflow; check them with 'akv model verify'");
        }

        tally.AddLoss(loss);
        if (name == reference)
        {
            chunk!.Store(index, logits, logSum, loss);
        }
        else if (chunk is not null)
        {
            tally.AddComparison(math, chunk, position, index, logits, logSum, loss);
        }
    }
}
