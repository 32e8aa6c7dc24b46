using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>
/// What the keys and the values of each layer lose at each width: KL from 16 bits, mean per token, with all others at the most bits, less what all at those lose.
/// Side by side, one run a thread.
/// </summary>
internal sealed class LayerSensitivity
{
    private readonly LlamaModel model;
    private readonly KvCacheOptions code;
    private readonly int sinks;
    private readonly KvTier others;
    private readonly List<KvTier[]> runs;

    /// <param name="model">The model.</param>
    /// <param name="code">How tokens are coded.</param>
    /// <param name="sinks">First tokens at 16 bits.</param>
    /// <param name="widths">Tried on every layer's keys and values; the last is that of all others.</param>
    public LayerSensitivity(LlamaModel model, KvCacheOptions code, int sinks, IReadOnlyList<BitWidth> widths)
    {
        (this.model, this.code, this.sinks, others) = (model, code, sinks, KvTier.Of(widths[^1]));
        (int layers, int heads) = (model.CacheShape.Layers, model.CacheShape.KvHeads);
        runs =
        [
            .. from part in Enumerable.Range(0, 2 * layers)
               from width in widths.SkipLast(1)
               select ByLane(layer => layer != part / 2 ? others : part % 2 == 0 ? others with { Keys = width } : others with { Values = width }),
            ByLane(_ => others),
        ];

        KvTier[] ByLane(Func<int, KvTier> ofLayer) => [.. Enumerable.Range(0, layers * heads).Select(lane => ofLayer(lane / heads))];
    }

    /// <summary>Runs over a sequence.</summary>
    public int Runs => runs.Count;

    /// <summary>Measures.</summary>
    /// <param name="sequences">Each from an empty cache.</param>
    /// <param name="threads">Most threads; null for as many as suit.</param>
    /// <param name="progress">Hears the tokens read, of all sequences in all runs.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>[2 * layers: keys, values of layer 0, keys of layer 1, ...][widths], nats.</returns>
    public double[][] Run(IReadOnlyList<int[]> sequences, int? threads, IProgress<long>? progress, CancellationToken cancellation)
    {
        int longest = sequences.Max(sequence => sequence.Length);
        double[] sums = new double[runs.Count];
        long read = 0;
        Lock gate = new();
        ReferencePredictions teacher = new(longest, model.Shape.Vocabulary);
        foreach (int[] sequence in sequences)
        {
            Read(sequence, KvTier.Of(BitWidth.Sixteen), PrecisionProfile.Uniform, threads ?? model.DefaultThreads, (row, logits) => teacher.Store(row, logits));
            Parallel.For(0, runs.Count, new ParallelOptions { MaxDegreeOfParallelism = threads ?? Processors.Logical, CancellationToken = cancellation }, run =>
            {
                Read(sequence, others, new PrecisionProfile([new(others, runs[run])]), threads: 1, (row, logits) => sums[run] += teacher.Compare(row, logits).Kl);
                lock (gate)
                {
                    read += sequence.Length;
                    progress?.Report(read);
                }
            });
        }

        double tokens = sequences.Sum(sequence => sequence.Length);
        int parts = 2 * model.Shape.Layers;
        return [.. sums.SkipLast(1).Select(sum => (sum - sums[^1]) / tokens).Chunk((runs.Count - 1) / parts).Select(losses => (double[])[.. losses, 0])];
    }

    private void Read(int[] sequence, KvTier tier, PrecisionProfile profile, int threads, LogitsVisitor visit) =>
        UniformPass.Read(model, tier, sinks, new EngineSetup(threads, code with { Profile = profile }), sequence, visit);
}
