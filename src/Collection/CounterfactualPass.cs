using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Collection;

/// <summary>
/// What the tier of one token costs: with all other tokens at their operating tiers, the rest of the sequence is run once for each tier of
/// that token, and the KL from the teacher summed over all later predictions that count is compared. The runs share the prefix and go in one batch.
/// </summary>
internal sealed class CounterfactualPass : IDisposable
{
    private const int MaxBatch = 512;

    private readonly Session session;
    private readonly PrecisionPolicy operating;
    private readonly List<int> tokens = [];
    private readonly List<KvTier> tiers = [];
    private readonly List<Segment> segments = [];
    private int prefix;

    /// <param name="model">The model.</param>
    /// <param name="operating">The tiers of all other tokens, by position.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="maxTokens">Longest sequence.</param>
    public CounterfactualPass(LlamaModel model, PrecisionPolicy operating, EngineSetup setup, int maxTokens)
    {
        this.operating = operating;
        session = new Session(model, new SessionOptions
        {
            Threads = setup.Threads,
            MaxBatch = Math.Max(MaxBatch, maxTokens),
            Cache = setup.Code with { MaxTokens = maxTokens },
        });
    }

    /// <summary>KL(teacher || operating tiers) after every token of a sequence.</summary>
    public double[] Base(int[] sequence, SequencePass teacher)
    {
        double[] divergence = new double[sequence.Length];
        session.Cache.Truncate(0);
        session.Run(sequence, [new Segment(0, sequence.Length)], Operating(0, sequence.Length));
        session.VisitLogits(0, sequence.Length, (row, logits) => divergence[row] = teacher.Predictions.Compare(row, logits).Kl);
        return divergence;
    }

    /// <summary>The increase of the summed KL for some tokens at every tier.</summary>
    /// <param name="sequence">The tokens.</param>
    /// <param name="teacher">Has read the sequence.</param>
    /// <param name="baseline">Of <see cref="Base"/>.</param>
    /// <param name="counted">The first prediction that counts, by the token that it follows.</param>
    /// <param name="positions">Ascending; the last token has no later prediction and is none of them.</param>
    /// <param name="choices">The tiers of a token that are tried.</param>
    /// <param name="found">Receives position, index of the tier, and the increase in nats; 0 at the operating tier.</param>
    /// <param name="cancellation">Ends the runs between two batches.</param>
    public void Run(
        int[] sequence,
        SequencePass teacher,
        double[] baseline,
        int counted,
        IReadOnlyList<int> positions,
        IReadOnlyList<KvTier> choices,
        Action<int, int, double> found,
        CancellationToken cancellation)
    {
        prefix = 0;
        foreach (int position in positions)
        {
            Extend(sequence, position);
            int skipped = Math.Max(counted - position, 1);
            double later = baseline.AsSpan(position + skipped).ToArray().Sum();
            int length = sequence.Length - position;
            int perBatch = Math.Max(session.Options.MaxBatch / length, 1);
            KvTier own = operating.Choose(position);
            int[] others = [.. Enumerable.Range(0, choices.Count).Where(choice => choices[choice] != own)];
            foreach (int[] batch in others.Chunk(perBatch))
            {
                cancellation.ThrowIfCancellationRequested();
                RunBatch(sequence, position, [.. batch.Select(choice => choices[choice])]);
                double[] sums = new double[batch.Length];
                for (int i = 0; i < batch.Length; i++)
                {
                    int branch = i;
                    session.VisitLogits((i * length) + skipped, length - skipped, (row, logits) => sums[branch] += teacher.Predictions.Compare(position + row - (branch * length), logits).Kl);
                    found(position, batch[i], sums[i] - later);
                }
            }

            if (others.Length < choices.Count)
            {
                found(position, choices.ToList().IndexOf(own), 0);
            }
        }
    }

    public void Dispose() => session.Dispose();

    // The cache holds the prefix, and behind it what the last batch left.
    private void Extend(int[] sequence, int position)
    {
        session.Cache.Rewind(prefix);
        if (position > prefix)
        {
            session.Run(sequence.AsSpan(prefix, position - prefix), [new Segment(prefix, position - prefix)], Operating(prefix, position - prefix));
        }

        prefix = position;
    }

    private void RunBatch(int[] sequence, int position, KvTier[] choices)
    {
        tokens.Clear();
        tiers.Clear();
        segments.Clear();
        int length = sequence.Length - position;
        foreach (KvTier choice in choices)
        {
            segments.Add(new Segment(position, length));
            tokens.AddRange(sequence.AsSpan(position));
            tiers.Add(choice);
            tiers.AddRange(Operating(position + 1, length - 1));
        }

        session.Run([.. tokens], [.. segments], [.. tiers]);
    }

    private KvTier[] Operating(int first, int count) => [.. Enumerable.Range(first, count).Select(operating.Choose)];
}
