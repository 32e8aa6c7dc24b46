using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Scoring;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>
/// Times decoded tokens part by part. A session that is timed that way and one that is not take turns at every depth, so that the parts can
/// be compared with a whole that nobody looked into.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">What to run; the prompt and the repeats of a speed measurement are not used.</param>
/// <param name="ids">At least as many as the longest sequence.</param>
/// <param name="setup">How the engine runs.</param>
/// <param name="clock">Measures the time.</param>
public sealed class BreakdownBenchmark(LlamaModel model, SpeedSettings settings, TokenIds ids, EngineSetup setup, TimeProvider clock)
{
    /// <summary>What happens to a token after its layers: features and choice of its tier, then its codes.</summary>
    public static IReadOnlyList<string> AfterLayers { get; } = ["choice", "coding"];

    private static readonly StepPart[] Parts = Enum.GetValues<StepPart>();

    private long tokensDone;

    /// <summary>Number of tokens that <see cref="Run"/> reports in the end.</summary>
    public long TotalTokens(int policies) =>
        2L * policies * (SpeedBenchmark.WarmUpTokens + settings.Depths[^1] + ((long)settings.Depths.Count * settings.Repeats * settings.DecodeTokens));

    /// <summary>Measures; an instance serves one run.</summary>
    /// <param name="policies">At least one.</param>
    /// <param name="progress">Hears the number of tokens run so far.</param>
    /// <param name="cancellation">Ends the run between two steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<StepBreakdown> Run(IReadOnlyList<PrecisionPolicy> policies, IProgress<long>? progress, CancellationToken cancellation)
    {
        List<StepBreakdown> breakdowns = [];
        foreach (PrecisionPolicy policy in policies)
        {
            using PolicySession whole = Open(policy, timed: false), parts = Open(policy, timed: true);
            WarmUp(whole, progress, cancellation);
            WarmUp(parts, progress, cancellation);
            foreach (int depth in settings.Depths)
            {
                Fill(whole, depth, progress, cancellation);
                Fill(parts, depth, progress, cancellation);
                breakdowns.Add(At(policy.Name, depth, whole, parts, progress, cancellation));
            }
        }

        return breakdowns;
    }

    private PolicySession Open(PrecisionPolicy policy, bool timed) =>
        new(model, policy, CacheMode.Prefill, setup with { TimeSteps = timed }, settings.LongestSequence);

    private void WarmUp(PolicySession session, IProgress<long>? progress, CancellationToken cancellation)
    {
        for (int i = 0; i < SpeedBenchmark.WarmUpTokens; i++)
        {
            if (session.Engine.Cache.Count == settings.LongestSequence)
            {
                session.Truncate(0);
            }

            Decode(session, 1, null, cancellation);
        }

        session.Truncate(0);
        Report(SpeedBenchmark.WarmUpTokens, progress);
    }

    private StepBreakdown At(string policy, int depth, PolicySession whole, PolicySession parts, IProgress<long>? progress, CancellationToken cancellation)
    {
        List<double> wholes = [], timed = [];
        List<double[]> steps = [];
        StepWork[] work = [.. Parts.Select(part => StepWork.Of(part, model, parts.Engine.Cache))];
        for (int repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (bool first in (bool[])[repeat % 2 == 0, repeat % 2 != 0])
            {
                PolicySession session = first ? whole : parts;
                (first ? wholes : timed).AddRange(Decode(session, settings.DecodeTokens, first ? null : steps, cancellation));
                session.Truncate(depth);
                Report(settings.DecodeTokens, progress);
            }
        }

        double[] medians = [.. Enumerable.Range(0, steps[0].Length).Select(i => Quantile.Median([.. steps.Select(step => step[i])]))];
        return new StepBreakdown(
            policy,
            depth,
            Quantile.Median([.. wholes]),
            Quantile.Median([.. timed]),
            [
                .. Parts.Select((part, i) => new StepShare(Name(part), medians[i], work[i])),
                .. AfterLayers.Select((name, i) => new StepShare(name, medians[Parts.Length + i], default)),
            ]);
    }

    // Microseconds of every step; of its parts, where they are wanted.
    private List<double> Decode(PolicySession session, int count, List<double[]>? steps, CancellationToken cancellation)
    {
        List<double> times = [];
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            session.Engine.Times?.Reset();
            long start = clock.GetTimestamp();
            session.Step(ids.Ids.Span[session.Engine.Cache.Count]);
            times.Add(clock.GetElapsedTime(start).TotalMicroseconds);
            steps?.Add([.. Parts.Select(part => session.Engine.Times!.Of(part).TotalMicroseconds), session.Decision.TotalMicroseconds, session.Encoding.TotalMicroseconds]);
        }

        return times;
    }

    private void Fill(PolicySession session, int depth, IProgress<long>? progress, CancellationToken cancellation)
    {
        while (session.Engine.Cache.Count < depth)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = session.Engine.Cache.Count;
            int count = Math.Min(PolicySession.Limit, depth - start);
            session.Advance(ids.Ids.Span.Slice(start, count), visit: null);
            Report(count, progress);
        }
    }

    private void Report(int tokens, IProgress<long>? progress)
    {
        tokensDone += tokens;
        progress?.Report(tokensDone);
    }

    // "QueryKeyValue" is "query key value".
    private static string Name(StepPart part) =>
        string.Concat(part.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
