using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>A trained network.</summary>
/// <param name="Network">As it was after the pass with the lowest validation loss.</param>
/// <param name="Epochs">All passes.</param>
/// <param name="Best">The pass with the lowest validation loss.</param>
internal sealed record Fit(Network Network, IReadOnlyList<EpochRecord> Epochs, EpochRecord Best)
{
    // Streams of the seed: the first numbers take those of the layers, the orders those from here on.
    private const ulong OrderStream = 1000;

    // Rows times networks that are gathered or judged at once: of few rows all, of many a piece that stays in the processor's cache.
    private const int PieceRows = 1 << 14;

    /// <summary>Trains networks side by side, each as it would be alone; the same inputs give the same bits. <see cref="Torch.TorchRuntime.Load"/> comes first.</summary>
    /// <param name="train">The rows they learn from.</param>
    /// <param name="validation">The rows that say when each was best.</param>
    /// <param name="runs">What they minimise, and from which numbers they start; one at least.</param>
    /// <param name="options">How.</param>
    /// <param name="device">Where.</param>
    /// <param name="progress">Hears of passes, added up over the networks.</param>
    /// <param name="cancellation">Ends the training within a batch.</param>
    /// <returns>By run.</returns>
    /// <exception cref="ArithmeticException">The loss of one left the finite numbers.</exception>
    public static IReadOnlyList<Fit> Run(
        RowSet train, RowSet validation, IReadOnlyList<FitRun> runs, FitOptions options, Device device, IProgress<long> progress, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        Network[] starts = [.. runs.Select(run => Start(train, run, options))];
        using NetworkStack networks = new(starts, device);
        using NetworkStack kept = new(starts, device);
        using CompositeLoss loss = new([.. runs.Select(run => run.Objective)], device);
        using DeviceRows trainRows = new(train, runs[0].Objective.ClassWeights, device);
        using DeviceRows validationRows = new(validation, runs[0].Objective.ClassWeights, device);
        using Adam adam = new(networks.Numbers, options.Rate);
        List<EpochRecord>[] epochs = [.. runs.Select(_ => new List<EpochRecord>())];
        EpochRecord[] best = new EpochRecord[runs.Count];
        bool[] isDone = new bool[runs.Count];
        RowOrder order = new(train.Rows, [.. runs.Select(run => run.Seed)]);
        long passes = 0;
        for (int epoch = 1; epoch <= options.Epochs && isDone.Contains(false); epoch++)
        {
            LossTerms[] learned = Pass(networks, trainRows, loss, adam, order.Shuffle(OrderStream + (ulong)epoch), options.BatchRows, cancellation);
            LossTerms[] judged = Assess(networks, validationRows, loss);
            bool[] isBetter = new bool[runs.Count];
            for (int run = 0; run < runs.Count; run++)
            {
                // One that is done goes on without being looked at: the others are not finished sooner without it.
                if (isDone[run])
                {
                    continue;
                }

                EpochRecord record = new(epoch, learned[run], judged[run]);
                if (!double.IsFinite(record.Train.Total) || !double.IsFinite(record.Validation.Total))
                {
                    throw new ArithmeticException($"epoch {epoch}: the loss is not a finite number: train with a smaller lr than {options.Rate}, or smaller weights");
                }

                epochs[run].Add(record);
                isBetter[run] = epoch == 1 || record.Validation.Total < best[run].Validation.Total;
                best[run] = isBetter[run] ? record : best[run];
                isDone[run] = options.Patience > 0 && epoch - best[run].Epoch >= options.Patience;
                passes++;
            }

            kept.Take(networks, isBetter);
            progress.Report(passes);
        }

        return [.. kept.ToNetworks().Select((network, run) => new Fit(network, epochs[run], best[run]))];
    }

    /// <summary>The mean loss of a network over rows. <see cref="Torch.TorchRuntime.Load"/> comes first.</summary>
    /// <param name="network">The network.</param>
    /// <param name="set">The rows.</param>
    /// <param name="objective">What is measured.</param>
    /// <param name="outputs">Receives the last layer's numbers, [rows][tiers]; empty where they are not wanted.</param>
    public static LossTerms Assess(Network network, RowSet set, Objective objective, Span<float> outputs = default)
    {
        using NetworkStack one = new([network], CPU);
        using CompositeLoss loss = new([objective], CPU);
        using DeviceRows rows = new(set, objective.ClassWeights, CPU);
        return Assess(one, rows, loss, outputs)[0];
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

    // One pass: a step for each batch, its terms as they were before the step.
    private static LossTerms[] Pass(
        NetworkStack networks, DeviceRows rows, CompositeLoss loss, Adam adam, long[] order, int batchRows, CancellationToken cancellation)
    {
        using DisposeScope pass = NewDisposeScope();
        Tensor places = tensor(order, [networks.Runs, rows.Count], device: rows.Device);
        Tensor sums = loss.NoSums();
        int piece = Math.Max(PieceRows / networks.Runs / batchRows, 1) * batchRows;
        for (int start = 0; start < rows.Count; start += piece)
        {
            using DisposeScope scope = NewDisposeScope();
            DeviceBatch gathered = rows.Gather(places.narrow(1, start, Math.Min(piece, rows.Count - start)));
            Tensor prepared = loss.Prepare(gathered);
            Tensor outputs = Steps(networks, gathered, loss, prepared, adam, batchRows, cancellation);
            CompositeLoss.Add(sums, loss.SumTerms(outputs, gathered, prepared));
        }

        return loss.Terms(sums, rows.Count);
    }

    // A step for each batch of gathered rows; the last layer's numbers as they were before it, [runs, rows, tiers].
    private static Tensor Steps(
        NetworkStack networks, DeviceBatch gathered, CompositeLoss loss, Tensor prepared, Adam adam, int batchRows, CancellationToken cancellation)
    {
        List<Tensor> outputs = [];
        long rows = gathered.Inputs.shape[1];
        for (long start = 0; start < rows; start += batchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope step = NewDisposeScope();
            long count = Math.Min(batchRows, rows - start);
            Tensor z = networks.Forward(Part(gathered.Inputs));
            loss.Of(z, Part(gathered.Labels), Part(prepared)).backward();
            adam.Step(networks.Gradient);
            networks.Gradient.zero_();
            outputs.Add(z.detach().MoveToOuterDisposeScope());

            Tensor Part(Tensor all) => all.narrow(1, start, count);
        }

        return cat(outputs, 1);
    }

    private static LossTerms[] Assess(NetworkStack networks, DeviceRows rows, CompositeLoss loss, Span<float> outputs = default)
    {
        using DisposeScope all = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor sums = loss.NoSums();
        int piece = Math.Max(PieceRows / networks.Runs, 1);
        for (int start = 0; start < rows.Count; start += piece)
        {
            using DisposeScope scope = NewDisposeScope();
            DeviceBatch batch = rows.Slice(start, Math.Min(piece, rows.Count - start), networks.Runs);
            Tensor z = networks.Forward(batch.Inputs);
            CompositeLoss.Add(sums, loss.SumTerms(z, batch, loss.Prepare(batch)));
            if (!outputs.IsEmpty)
            {
                float[] numbers = z.cpu().data<float>().ToArray();
                numbers.CopyTo(outputs[(start * (int)z.shape[2])..]);
            }
        }

        return loss.Terms(sums, rows.Count);
    }

    private static Network Start(RowSet train, FitRun run, FitOptions options)
    {
        Network network = new([train.Width, .. options.Hidden, train.Tiers]);
        network.Start(new CounterRandom(run.Seed));
        if (run.Objective.PredictsLoss)
        {
            StartFromMeans(network, train);
        }

        return network;
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

            bias[tier] = (float)Math.Log(Math.Max(sum / train.Rows, CompositeLoss.LeastLoss));
        }
    }
}

/// <summary>How networks are trained.</summary>
/// <param name="Hidden">Units of each hidden layer.</param>
/// <param name="Epochs">Most passes over the rows.</param>
/// <param name="BatchRows">Rows of a step.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="Patience">Passes without a lower validation loss after which a network is done; 0 for all passes.</param>
internal sealed record FitOptions(IReadOnlyList<int> Hidden, int Epochs, int BatchRows, double Rate, int Patience);
