using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Collection;

/// <summary>
/// What the keys and the values of each layer lose at each width: KL from 16 bits, mean per token, with all others at 8 bits, less what all at 8 bits lose.
/// Side by side, one run a thread.
/// </summary>
internal sealed class LayerSensitivity
{
    private static readonly KvTier Others = KvTier.Of(BitWidth.Eight);

    private readonly LlamaModel model;
    private readonly KvCacheOptions code;
    private readonly int sinks;
    private readonly List<KvTier[]> runs;

    /// <param name="model">The model.</param>
    /// <param name="code">How tokens are coded.</param>
    /// <param name="sinks">First tokens at 16 bits.</param>
    /// <param name="widths">Tried on every layer's keys and values.</param>
    public LayerSensitivity(LlamaModel model, KvCacheOptions code, int sinks, IReadOnlyList<BitWidth> widths)
    {
        (this.model, this.code, this.sinks) = (model, code, sinks);
        int layers = model.Shape.Layers;
        runs =
        [
            .. from part in Enumerable.Range(0, 2 * layers)
               from width in widths
               select Alone(part, width),
            [.. Enumerable.Repeat(Others, layers)],
        ];

        KvTier[] Alone(int part, BitWidth width)
        {
            KvTier[] tiers = [.. Enumerable.Repeat(Others, layers)];
            tiers[part / 2] = part % 2 == 0 ? Others with { Keys = width } : Others with { Values = width };
            return tiers;
        }
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
                Read(sequence, Others, new PrecisionProfile([new(Others, runs[run])]), threads: 1, (row, logits) => sums[run] += teacher.Compare(row, logits).Kl);
                lock (gate)
                {
                    read += sequence.Length;
                    progress?.Report(read);
                }
            });
        }

        double tokens = sequences.Sum(sequence => sequence.Length);
        int parts = 2 * model.Shape.Layers;
        return [.. sums.SkipLast(1).Select(sum => (sum - sums[^1]) / tokens).Chunk((runs.Count - 1) / parts)];
    }

    private void Read(int[] sequence, KvTier tier, PrecisionProfile profile, int threads, LogitsVisitor visit)
    {
        PrecisionPolicy policy = PolicyCatalog.WithSinks(PolicyCatalog.ParseOne($"static-{tier}"), sinks);
        EngineSetup setup = new(threads, code with { Profile = profile }, Batch: sequence.Length);
        using AdaptiveSession session = new(model, policy, CacheMode.TwoPass, setup, sequence.Length);
        session.Advance(sequence, visit);
    }
}
