using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Calibration;

/// <summary>Reads token sequences with the cache at 32 bits and gathers the statistics that a transform is fitted to.</summary>
public static class CalibrationPass
{
    /// <summary>Statistics of keys, queries and values over all sequences; the same for any number of threads.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Each read from an empty cache; at least one token in all.</param>
    /// <param name="threads">Threads, the caller included.</param>
    /// <param name="progress">Hears the number of tokens read.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static HeadStatistics Run(
        LlamaModel model, IReadOnlyList<int[]> sequences, int threads, IProgress<long>? progress, CancellationToken cancellation)
    {
        int longest = sequences.Max(sequence => sequence.Length);
        HeadStatistics statistics = new(model.CacheShape, longest);
        using RotaryEmbedding rotary = new(model.Shape, longest);
        using Session session = new(model, new SessionOptions
        {
            Threads = threads,
            Cache = new KvCacheOptions { MaxTokens = longest, Staging = BitWidth.ThirtyTwo },
            Observer = (lane, position, key, value, queries) =>
            {
                Span<float> before = stackalloc float[key.Length];
                rotary.Undo(key, position, before);
                statistics.Add(lane, position, key, before, value, queries);
            },
        });
        foreach (int[] sequence in sequences)
        {
            session.Cache.Truncate(0);
            for (int done = 0; done < sequence.Length; done += session.Options.MaxBatch)
            {
                cancellation.ThrowIfCancellationRequested();
                session.Prefill(sequence.AsSpan(done, Math.Min(session.Options.MaxBatch, sequence.Length - done)));
                progress?.Report(statistics.Tokens);
            }
        }

        return statistics;
    }
}
