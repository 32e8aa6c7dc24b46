using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>
/// Times steps that several sessions take together. The sizes of a batch take turns at every depth with the same sessions, every other repeat in reverse, so
/// that their ratio is one of neighbouring measurements.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">What to run.</param>
/// <param name="sizes">Sessions of a step, ascending.</param>
/// <param name="setup">How the engine runs.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class BatchBenchmark(LlamaModel model, SpeedSettings settings, IReadOnlyList<int> sizes, EngineSetup setup, TimeProvider clock)
{
    private readonly List<BatchRecord> records = [];

    private int Most => sizes[^1];

    /// <summary>Number of tokens that <see cref="Run"/> reports in the end.</summary>
    /// <param name="policies">Number of policies.</param>
    public long TotalTokens(int policies) =>
        (long)policies * settings.Repeats * (SpeedBenchmark.WarmUpTokens + ((long)Most * settings.Depths[^1]) + ((long)settings.Depths.Count * sizes.Sum() * settings.DecodeTokens));

    /// <summary>Measures; an instance serves one run.</summary>
    /// <param name="companies">For each policy as many instances of it as the largest batch has sessions.</param>
    /// <param name="feed">Gives the tokens, the same to all.</param>
    public IReadOnlyList<BatchRecord> Run(IReadOnlyList<IReadOnlyList<PrecisionPolicy>> companies, TokenFeed feed)
    {
        using SessionBatch batch = new(model, Most, setup.Threads);
        for (int repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (IReadOnlyList<PrecisionPolicy> company in repeat % 2 == 0 ? companies : companies.Reverse())
            {
                AdaptiveSession[] sessions = [.. company.Select(policy => new AdaptiveSession(model, policy, CacheMode.Prefill, setup, settings.LongestSequence))];
                Measure(batch, sessions, repeat, feed);
                Array.ForEach(sessions, session => session.Dispose());
            }
        }

        return records;
    }

    private void Measure(SessionBatch batch, AdaptiveSession[] sessions, int repeat, TokenFeed feed)
    {
        for (int warm = 0; warm < SpeedBenchmark.WarmUpTokens; warm++)
        {
            if (sessions[0].Cache.Count == settings.LongestSequence)
            {
                Array.ForEach(sessions, session => session.Truncate(0));
            }

            // Each size has kernels of its own, which are compiled while they warm up.
            AdaptiveSession[] some = sessions[..sizes[warm % sizes.Count]];
            batch.Step(some, Tokens(some, feed));
        }

        feed.Report(SpeedBenchmark.WarmUpTokens);
        Array.ForEach(sessions, session => session.Truncate(0));
        foreach (int depth in settings.Depths)
        {
            Array.ForEach(sessions, session => feed.Fill(session, depth));
            foreach (int size in repeat % 2 == 0 ? sizes : sizes.Reverse())
            {
                double[] steps = Decode(batch, sessions[..size], feed);
                records.Add(new BatchRecord(sessions[0].Policy.Name, depth, size, repeat, 1000 * size / Quantile.Median(steps), steps));
                Array.ForEach(sessions, session => session.Truncate(depth));
                feed.Report(size * settings.DecodeTokens);
            }
        }
    }

    private double[] Decode(SessionBatch batch, AdaptiveSession[] sessions, TokenFeed feed)
    {
        double[] steps = new double[settings.DecodeTokens];
        for (int i = 0; i < steps.Length; i++)
        {
            int[] tokens = Tokens(sessions, feed);
            long start = clock.GetTimestamp();
            batch.Step(sessions, tokens);
            steps[i] = clock.GetElapsedTime(start).TotalMilliseconds;
        }

        return steps;
    }

    private static int[] Tokens(AdaptiveSession[] sessions, TokenFeed feed) => [.. sessions.Select(feed.Next)];
}
