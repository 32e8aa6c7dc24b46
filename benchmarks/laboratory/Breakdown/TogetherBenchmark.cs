using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>Times steps that several sessions take together part by part, in turns with sessions whose parts are not timed. All figures are divided by the sessions.</summary>
/// <param name="model">The model.</param>
/// <param name="settings">What to run.</param>
/// <param name="setup">How the engine runs.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class TogetherBenchmark(LlamaModel model, SpeedSettings settings, EngineSetup setup, TimeProvider clock)
{
    /// <summary>What happens before and after the layers: staging, features and choice of tiers, codes.</summary>
    public const string Outside = "outside the layers";

    private static readonly StepPart[] Parts = Enum.GetValues<StepPart>();

    /// <summary>Number of tokens that <see cref="Run"/> reports in the end.</summary>
    public long TotalTokens(int policies, int sessions) =>
        2L * policies * sessions * (SpeedBenchmark.WarmUpTokens + settings.Depths[^1] + ((long)settings.Depths.Count * settings.Repeats * settings.DecodeTokens));

    /// <summary>Measures.</summary>
    /// <param name="companies">For each policy two instances of it for each session.</param>
    /// <param name="feed">Gives the tokens, the same to all.</param>
    public IReadOnlyList<StepBreakdown> Run(IReadOnlyList<IReadOnlyList<PrecisionPolicy>> companies, TokenFeed feed)
    {
        List<StepBreakdown> breakdowns = [];
        foreach (IReadOnlyList<PrecisionPolicy> company in companies)
        {
            int sessions = company.Count / 2;
            using Company whole = new(model, [.. company.Take(sessions)], setup, settings.LongestSequence);
            using Company parts = new(model, [.. company.Skip(sessions)], setup with { Times = new StepTimes(setup.Threads) }, settings.LongestSequence);
            foreach (Company one in (Company[])[whole, parts])
            {
                for (int warm = 0; warm < SpeedBenchmark.WarmUpTokens; warm++)
                {
                    one.Truncate(warm % settings.LongestSequence == 0 ? 0 : settings.LongestSequence);
                    Step(one, feed, null);
                }

                one.Truncate(0);
            }

            breakdowns.AddRange(settings.Depths.Select(depth => At(depth, whole, parts, feed)));
        }

        return breakdowns;
    }

    private StepBreakdown At(int depth, Company whole, Company parts, TokenFeed feed)
    {
        List<double> wholes = [], timed = [];
        List<double[]> shares = [];
        foreach (AdaptiveSession session in (AdaptiveSession[])[.. whole.Sessions, .. parts.Sessions])
        {
            feed.Fill(session, depth);
        }

        (string, StepWork)[] work = [.. Parts.Select(part => (StepShare.Name(part), StepWork.Of(part, model, parts.Sessions[0].Engine.Cache).SharedBy(part, parts.Sessions.Length)))];
        for (int repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (Company one in repeat % 2 == 0 ? (Company[])[whole, parts] : [parts, whole])
            {
                for (int i = 0; i < settings.DecodeTokens; i++)
                {
                    (one == whole ? wholes : timed).Add(Step(one, feed, one == whole ? null : shares));
                }

                one.Truncate(depth);
            }
        }

        return StepBreakdown.Of(whole.Sessions[0].Policy.Name, depth, wholes, timed, shares, [.. work, (Outside, default)]);
    }

    // Microseconds of a step for each session; of its parts, where they are wanted.
    private double Step(Company company, TokenFeed feed, List<double[]>? shares)
    {
        int[] tokens = [.. company.Sessions.Select(feed.Next)];
        company.Times?.Reset();
        long start = clock.GetTimestamp();
        company.Batch.Step(company.Sessions, tokens);
        double time = clock.GetElapsedTime(start).TotalMicroseconds / tokens.Length;
        feed.Report(tokens.Length);
        if (shares is not null)
        {
            double[] parts = [.. Parts.Select(part => company.Times!.Of(part).TotalMicroseconds / tokens.Length)];
            shares.Add([.. parts, time - parts.Sum()]);
        }

        return time;
    }

    // Sessions of one policy and the batch that steps them.
    private sealed class Company(LlamaModel model, PrecisionPolicy[] policies, EngineSetup setup, int longest) : IDisposable
    {
        public AdaptiveSession[] Sessions { get; } = [.. policies.Select(policy => new AdaptiveSession(model, policy, CacheMode.Prefill, setup, longest))];

        public SessionBatch Batch { get; } = new(model, policies.Length, setup.Threads, setup.Times);

        public StepTimes? Times => setup.Times;

        public void Truncate(int count) => Array.ForEach(Sessions, session => session.Truncate(Math.Min(count, session.Cache.Count)));

        public void Dispose()
        {
            Batch.Dispose();
            Array.ForEach(Sessions, session => session.Dispose());
        }
    }
}
