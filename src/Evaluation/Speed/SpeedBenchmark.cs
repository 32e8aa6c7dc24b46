using System.Numerics.Tensors;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>
/// Times prefill and decoding under policies. A repeat opens a session, warms it up, reads the prompt, then fills the cache chunk by chunk and
/// stops at every depth to decode some tokens or to read the prompt there, which are forgotten again. Every other repeat takes the policies in reverse, so that a
/// machine that slows down or speeds up meanwhile favours none of them.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">What to run.</param>
/// <param name="ids">At least as many as the longest sequence.</param>
/// <param name="setup">How the engine runs.</param>
/// <param name="clock">Measures the time.</param>
public sealed class SpeedBenchmark(LlamaModel model, SpeedSettings settings, TokenIds ids, EngineSetup setup, TimeProvider clock)
{
    /// <summary>Steps decoded before anything is timed: .NET compiles a method anew after 30 calls, in the background.</summary>
    internal const int WarmUpTokens = 128;

    private readonly List<PrefillRecord> prefills = [];
    private readonly List<DecodeRecord> decodes = [];

    /// <summary>Measures policies on a model, and says what was measured how.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="code">How tokens are coded.</param>
    /// <param name="settings">What to run.</param>
    /// <param name="ids">What is read.</param>
    /// <param name="threads">Of the engine; null for as many as suit the model.</param>
    /// <param name="reporter">Hears how it goes.</param>
    /// <param name="time">Measures the time.</param>
    /// <param name="cancellation">Ends the run between two steps.</param>
    /// <param name="batches">Numbers of sessions that also decode together, ascending; null for none.</param>
    /// <param name="companies">For each policy as many instances as the largest of them.</param>
    /// <exception cref="InvalidDataException">The ids are too few, or not the model's.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SpeedReport Measure(
        LlamaModel model, IReadOnlyList<PrecisionPolicy> policies, CodeSetup code, SpeedSettings settings, TokenIds ids, int? threads, IStageReporter reporter, TimeProvider time, CancellationToken cancellation,
        IReadOnlyList<int>? batches = null, IReadOnlyList<IReadOnlyList<PrecisionPolicy>>? companies = null)
    {
        ids.Require(settings.LongestSequence, model.Shape.Vocabulary);
        if (settings.LongestSequence > model.Shape.ContextLength)
        {
            reporter.Note($"sequences of {settings.LongestSequence} tokens exceed the model's context of {model.Shape.ContextLength}: the speed is right, a text would not be");
        }

        (KvCacheOptions options, CodeRecord record) = code.For(model);
        int team = threads ?? model.DefaultThreads;
        EngineSetup setup = new(team, options);
        SpeedBenchmark benchmark = new(model, settings, ids, setup, time);
        SpeedResult result = reporter.Track($"timing {policies.Count} policies", benchmark.TotalTokens(policies.Count), "tokens", progress => benchmark.Run(policies, progress, cancellation));
        SpeedReport report = SpeedReport.Of(RunRecord.Of(model, ids.Name, ids.Sha256, CacheMode.Decode, record, team), settings, result);
        if (batches is null)
        {
            return report;
        }

        BatchBenchmark together = new(model, settings, batches, setup, time);
        return report with
        {
            Batches = reporter.Track(
                $"timing batches of {string.Join(", ", batches)}", together.TotalTokens(policies.Count), "tokens", progress => together.Run(companies!, new TokenFeed(ids, progress, cancellation))),
        };
    }

    /// <summary>Number of tokens that <see cref="Run"/> reports in the end.</summary>
    public long TotalTokens(int policies) =>
        (long)policies * settings.Repeats
            * (WarmUpTokens + ((2L + settings.PrefillDepths.Count) * settings.PrefillTokens) + Stops.Last() + ((long)settings.Depths.Count * settings.DecodeTokens));

    // Cache lengths at which something is timed.
    private IEnumerable<int> Stops => settings.Depths.Union(settings.PrefillDepths).Order();

    /// <summary>Measures; an instance serves one run.</summary>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="progress">Hears the number of tokens run so far.</param>
    /// <param name="cancellation">Ends the run between two steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public SpeedResult Run(IReadOnlyList<PrecisionPolicy> policies, IProgress<long>? progress, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        TokenFeed feed = new(ids, progress, cancellation);
        for (int repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (PrecisionPolicy policy in repeat % 2 == 0 ? policies : policies.Reverse())
            {
                using var session = new AdaptiveSession(model, policy, CacheMode.Prefill, setup, settings.LongestSequence);
                Measure(session, policy, repeat, feed);
            }
        }

        return new SpeedResult(prefills, decodes, clock.GetElapsedTime(start).TotalSeconds);
    }

    private void Measure(AdaptiveSession session, PrecisionPolicy policy, int repeat, TokenFeed feed)
    {
        PackedKvCache cache = session.Cache;
        WarmUp(session, feed);
        cache.Truncate(0);
        prefills.Add(Prompt(session, policy.Name, repeat, feed));
        feed.Report(settings.PrefillTokens);
        cache.Truncate(0);
        foreach (int depth in Stops)
        {
            feed.Fill(session, depth);
            if (settings.Depths.Contains(depth))
            {
                CacheStatistics held = cache.Statistics();
                (double[] steps, double[] decisions, int[] next) = Decode(session, feed);
                decodes.Add(new DecodeRecord(
                    policy.Name, depth, repeat, Quantile.Median(steps), Quantile.Median(decisions), held.Bytes, held.EffectiveBits, steps, next));
                feed.Report(settings.DecodeTokens);
                cache.Truncate(depth);
            }

            if (settings.PrefillDepths.Contains(depth))
            {
                prefills.Add(Prompt(session, policy.Name, repeat, feed));
                feed.Report(settings.PrefillTokens);
                cache.Truncate(depth);
            }
        }
    }

    private void WarmUp(AdaptiveSession session, TokenFeed feed)
    {
        feed.Fill(session, settings.PrefillTokens);
        session.Engine.VisitLogits(0, 1, (_, _) => { });
        session.Cache.Truncate(0);
        for (int i = 0; i < WarmUpTokens; i++)
        {
            if (session.Cache.Count == settings.LongestSequence)
            {
                session.Cache.Truncate(0);
            }

            _ = session.Step(feed.Next(session));
        }

        feed.Report(WarmUpTokens);
    }

    /// <summary>The prompt's last chunk gives its logits before it is encoded: a user sees the first token before the cache is packed.</summary>
    private PrefillRecord Prompt(AdaptiveSession session, string policy, int repeat, TokenFeed feed)
    {
        Session engine = session.Engine;
        LogitsVisitor ignore = (_, _) => { };
        int depth = session.Cache.Count;
        long start = clock.GetTimestamp();
        int read = 0;
        int last;
        do
        {
            last = Math.Min(engine.Options.MaxBatch, settings.PrefillTokens - read);
            session.Stage(feed.Next(depth + read, last));
            read += last;
            if (read < settings.PrefillTokens)
            {
                session.Encode();
            }
        }
        while (read < settings.PrefillTokens);

        long beforeLogits = clock.GetTimestamp();
        engine.VisitLogits(last - 1, 1, ignore);
        long afterLogits = clock.GetTimestamp();
        session.Encode();
        TimeSpan encoding = clock.GetElapsedTime(afterLogits);
        return new PrefillRecord(
            policy, repeat, read, (clock.GetElapsedTime(start, beforeLogits) + encoding).TotalMilliseconds, clock.GetElapsedTime(start, afterLogits).TotalMilliseconds)
        {
            Depth = depth,
            LogitsMs = clock.GetElapsedTime(beforeLogits, afterLogits).TotalMilliseconds,
        };
    }

    private (double[] Steps, double[] Decisions, int[] Next) Decode(AdaptiveSession session, TokenFeed feed)
    {
        double[] steps = new double[settings.DecodeTokens];
        double[] decisions = new double[settings.DecodeTokens];
        int[] next = new int[settings.DecodeTokens];
        for (int i = 0; i < steps.Length; i++)
        {
            int token = feed.Next(session);
            long start = clock.GetTimestamp();
            Span<float> logits = session.Step(token);
            steps[i] = clock.GetElapsedTime(start).TotalMilliseconds;
            decisions[i] = session.Decision.TotalMicroseconds;
            next[i] = TensorPrimitives.IndexOfMax<float>(logits);
        }

        return (steps, decisions, next);
    }
}
