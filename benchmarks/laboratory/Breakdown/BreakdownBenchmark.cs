using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>
/// Times prompts and decoded tokens part by part. A session that is timed that way and one that is not take turns at every depth, so that the parts can
/// be compared with a whole that nobody looked into.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">What to run; a repeat reads the prompt anew and decodes at every depth.</param>
/// <param name="setup">How the engine runs.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class BreakdownBenchmark(LlamaModel model, SpeedSettings settings, EngineSetup setup, TimeProvider clock)
{
    /// <summary>What happens to a token after its layers: features and choice of its tier, then its codes.</summary>
    public static IReadOnlyList<string> AfterLayers { get; } = ["choice", "coding"];

    private static readonly StepPart[] Parts = Enum.GetValues<StepPart>();

    /// <summary>Tokens of prompts, once <see cref="Run"/> has measured them.</summary>
    public List<StepBreakdown> Prompts { get; } = [];

    /// <summary>Number of tokens that <see cref="Run"/> reports in the end.</summary>
    public long TotalTokens(int policies) =>
        2L * policies * (SpeedBenchmark.WarmUpTokens + ((settings.Repeats + 1L) * settings.PrefillTokens) + settings.Depths[^1] + ((long)settings.Depths.Count * settings.Repeats * settings.DecodeTokens));

    /// <summary>Measures; an instance serves one run.</summary>
    /// <param name="policies">At least one.</param>
    /// <param name="feed">Gives the tokens.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<StepBreakdown> Run(IReadOnlyList<PrecisionPolicy> policies, TokenFeed feed)
    {
        List<StepBreakdown> breakdowns = [];
        foreach (PrecisionPolicy policy in policies)
        {
            using AdaptiveSession whole = Open(policy, timed: false), parts = Open(policy, timed: true);
            WarmUp(whole, feed);
            WarmUp(parts, feed);
            Prompts.Add(Prompt(policy.Name, whole, parts, feed));
            foreach (int depth in settings.Depths)
            {
                feed.Fill(whole, depth);
                feed.Fill(parts, depth);
                breakdowns.Add(At(policy.Name, depth, whole, parts, feed));
            }
        }

        return breakdowns;
    }

    private AdaptiveSession Open(PrecisionPolicy policy, bool timed) =>
        new(model, policy, CacheMode.Prefill, setup with { Times = timed ? new StepTimes(setup.Threads) : null }, settings.LongestSequence);

    private void WarmUp(AdaptiveSession session, TokenFeed feed)
    {
        for (int i = 0; i < SpeedBenchmark.WarmUpTokens; i++)
        {
            if (session.Cache.Count == settings.LongestSequence)
            {
                session.Truncate(0);
            }

            Decode(session, feed, 1, null);
        }

        session.Truncate(0);
        feed.Report(SpeedBenchmark.WarmUpTokens);
    }

    private StepBreakdown At(string policy, int depth, AdaptiveSession whole, AdaptiveSession parts, TokenFeed feed)
    {
        List<double> wholes = [], timed = [];
        List<double[]> steps = [];
        (string, StepWork)[] work = [.. Parts.Select(part => (StepShare.Name(part), StepWork.Of(part, model, parts.Engine.Cache)))];
        for (int repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (bool first in (bool[])[repeat % 2 == 0, repeat % 2 != 0])
            {
                AdaptiveSession session = first ? whole : parts;
                (first ? wholes : timed).AddRange(Decode(session, feed, settings.DecodeTokens, first ? null : steps));
                session.Truncate(depth);
                feed.Report(settings.DecodeTokens);
            }
        }

        return StepBreakdown.Of(policy, depth, wholes, timed, steps, [.. work, .. AfterLayers.Select(name => (name, default(StepWork)))]);
    }

    // The first reading of each session warms it up.
    private StepBreakdown Prompt(string policy, AdaptiveSession whole, AdaptiveSession parts, TokenFeed feed)
    {
        int tokens = settings.PrefillTokens;
        List<double> wholes = [], timed = [];
        List<double[]> shares = [];
        for (int repeat = -1; repeat < settings.Repeats; repeat++)
        {
            foreach (AdaptiveSession session in repeat % 2 == 0 ? (AdaptiveSession[])[whole, parts] : [parts, whole])
            {
                session.Engine.Options.Times?.Reset();
                (double read, double coded) = Read(session, feed);
                session.Truncate(0);
                if (repeat >= 0)
                {
                    (session == whole ? wholes : timed).Add((read + coded) / tokens);
                }

                if (repeat >= 0 && session == parts)
                {
                    shares.Add([.. Parts.Select(part => session.Engine.Options.Times!.Of(part).TotalMicroseconds / tokens), coded / tokens]);
                }
            }
        }

        return StepBreakdown.Of(policy, tokens, wholes, timed, shares, [.. Parts.Select(part => (StepShare.Name(part), StepWork.OfPrompt(part, model, tokens))), (AfterLayers[^1], default)]);
    }

    // Microseconds of a prompt: its layers, and its codes with the choice of their tiers.
    private (double Read, double Coded) Read(AdaptiveSession session, TokenFeed feed)
    {
        double read = 0, coded = 0;
        while (session.Cache.Count < settings.PrefillTokens)
        {
            ReadOnlySpan<int> tokens = feed.Next(session.Cache.Count, Math.Min(session.Engine.Options.MaxBatch, settings.PrefillTokens - session.Cache.Count));
            long start = clock.GetTimestamp();
            session.Stage(tokens);
            read += clock.GetElapsedTime(start).TotalMicroseconds;
            start = clock.GetTimestamp();
            session.Encode();
            coded += clock.GetElapsedTime(start).TotalMicroseconds;
            feed.Report(tokens.Length);
        }

        return (read, coded);
    }

    // Microseconds of every step; of its parts, where they are wanted.
    private List<double> Decode(AdaptiveSession session, TokenFeed feed, int count, List<double[]>? steps)
    {
        List<double> times = [];
        for (int i = 0; i < count; i++)
        {
            int token = feed.Next(session);
            session.Engine.Options.Times?.Reset();
            long start = clock.GetTimestamp();
            session.Step(token);
            times.Add(clock.GetElapsedTime(start).TotalMicroseconds);
            steps?.Add([.. Parts.Select(part => session.Engine.Options.Times!.Of(part).TotalMicroseconds), session.Decision.TotalMicroseconds, session.Encoding.TotalMicroseconds]);
        }

        return times;
    }
}
