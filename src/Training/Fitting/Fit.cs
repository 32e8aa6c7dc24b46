using AdaptiveKv.KvCache;

namespace AdaptiveKv.Training.Fitting;

/// <summary>A trained network.</summary>
/// <param name="Network">As it was after the pass with the lowest validation loss.</param>
/// <param name="Epochs">All passes.</param>
/// <param name="Best">The pass with the lowest validation loss.</param>
internal sealed record Fit(Network Network, IReadOnlyList<EpochRecord> Epochs, EpochRecord Best)
{
    // Streams of the seed: the first numbers take those of the layers, the orders those from here on.
    private const ulong OrderStream = 1000;
    private const int AssessedRows = 256;

    /// <summary>Trains a network, in one thread; the same inputs give the same bits.</summary>
    /// <param name="train">The rows it learns from.</param>
    /// <param name="validation">The rows that say when it was best.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Hears of each pass.</param>
    /// <param name="cancellation">Ends the training within a batch.</param>
    /// <exception cref="ArithmeticException">The loss left the finite numbers.</exception>
    public static Fit Run(
        RowSet train, RowSet validation, Objective objective, FitOptions options, IProgress<long> progress, CancellationToken cancellation)
    {
        Network network = new([train.Width, .. options.Hidden, train.Tiers]);
        CounterRandom random = new(options.Seed);
        network.Start(random);
        if (objective.PredictsLoss)
        {
            StartFromMeans(network, train);
        }

        Adam adam = new(network.Parameters.Length, options.Rate);
        float[] gradient = new float[network.Parameters.Length];
        Batch batch = new(network, objective, options.BatchRows);
        int[] order = [.. Enumerable.Range(0, train.Rows)];
        List<EpochRecord> epochs = [];
        (Network network, EpochRecord record)? best = null;
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            Shuffle(order, random, OrderStream + (ulong)epoch);
            LossTally tally = new(objective);
            for (int start = 0; start < order.Length; start += options.BatchRows)
            {
                cancellation.ThrowIfCancellationRequested();
                batch.Load(train, order.AsSpan(start, Math.Min(options.BatchRows, order.Length - start)));
                batch.Forward();
                batch.Score(tally);
                batch.Backward(gradient);
                adam.Step(network.Parameters, gradient);
            }

            EpochRecord record = new(epoch, tally.Mean(), Assess(network, validation, objective));
            if (!double.IsFinite(record.Train.Total) || !double.IsFinite(record.Validation.Total))
            {
                throw new ArithmeticException($"epoch {epoch}: the loss is not a finite number: train with a smaller lr than {options.Rate}, or smaller weights");
            }

            epochs.Add(record);
            progress.Report(epoch);
            if (best is null || record.Validation.Total < best.Value.record.Validation.Total)
            {
                best = (network.Copy(), record);
            }
            else if (options.Patience > 0 && epoch - best.Value.record.Epoch >= options.Patience)
            {
                break;
            }
        }

        return new Fit(best!.Value.network, epochs, best.Value.record);
    }

    /// <summary>The mean loss of a network over rows.</summary>
    /// <param name="network">The network.</param>
    /// <param name="set">The rows.</param>
    /// <param name="objective">What is measured.</param>
    /// <param name="logits">Receives [rows][tiers]; empty where they are not wanted.</param>
    public static LossTerms Assess(Network network, RowSet set, Objective objective, Span<float> logits = default)
    {
        Batch batch = new(network, objective, AssessedRows);
        LossTally tally = new(objective);
        int[] order = [.. Enumerable.Range(0, set.Rows)];
        for (int start = 0; start < set.Rows; start += AssessedRows)
        {
            batch.Load(set, order.AsSpan(start, Math.Min(AssessedRows, set.Rows - start)));
            batch.Forward();
            batch.Score(tally);
            for (int i = 0; !logits.IsEmpty && i < batch.Rows * set.Tiers; i++)
            {
                logits[(start * set.Tiers) + i] = batch.Logit(i / set.Tiers, i % set.Tiers);
            }
        }

        return tally.Mean();
    }

    // The logarithms of the mean losses are several units from 0, which steps of a learning rate take long to go.
    private static void StartFromMeans(Network network, RowSet train)
    {
        Span<float> bias = network.Bias(network.Count - 1, network.Parameters);
        for (int tier = 0; tier < bias.Length; tier++)
        {
            double sum = 0;
            for (int row = 0; row < train.Rows; row++)
            {
                sum += Math.Max(train.Losses[(row * train.Tiers) + tier], 0);
            }

            bias[tier] = (float)Math.Log(Math.Max(sum / train.Rows, 1e-5));
        }
    }

    /// <summary>A random order (Fisher and Yates).</summary>
    public static void Shuffle(Span<int> order, CounterRandom random, ulong stream)
    {
        for (int i = order.Length - 1; i > 0; i--)
        {
            int other = (int)Math.BigMul(random.Bits((ulong)i, stream), (ulong)i + 1, out _);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }
}
