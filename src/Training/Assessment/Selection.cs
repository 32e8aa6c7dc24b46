using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Torch;
using AdaptiveKv.Training.Fitting;
using TorchSharp;

namespace AdaptiveKv.Training.Assessment;

/// <summary>The networks that were trained, and the one that is kept.</summary>
/// <param name="Best">It.</param>
/// <param name="Weights">One for each pair of weights, of the first seed.</param>
/// <param name="Seeds">One for each seed, of the chosen weights.</param>
/// <param name="Device">Where they were trained: "cpu", "cuda:0".</param>
internal sealed record Selection(Candidate Best, IReadOnlyList<Candidate> Weights, IReadOnlyList<Candidate> Seeds, string Device)
{
    /// <summary>The most passes over the rows that training takes, added up over the networks.</summary>
    public static long Passes(TrainOptions options) => (long)(options.Weights.Count + options.Seeds - 1) * options.Fit.Epochs;

    /// <summary>
    /// Trains and chooses: the weights with the first seed, by what is lost at equal bits, as the loss itself cannot be compared between weights; then the seed. Networks
    /// that need not wait for a choice are trained together.
    /// </summary>
    /// <param name="set">The rows.</param>
    /// <param name="options">How.</param>
    /// <param name="costs">Of the tiers.</param>
    /// <param name="progress">Hears of passes, added up over the networks.</param>
    /// <param name="cancellation">Ends it within a batch.</param>
    public static Selection Of(TrainingSet set, TrainOptions options, IReadOnlyList<TierCost> costs, IProgress<long> progress, CancellationToken cancellation)
    {
        torch.Device device = options.Device.Open();
        FitRun[] runs = [.. options.Weights.Select(weight => new FitRun(options.Objective(set.Train, costs, weight), options.Seed))];
        Candidate[] weights = Together(runs.Length == 1 ? [runs[0], .. Others(runs[0])] : runs, progress);
        Candidate[] seeds = weights;
        if (runs.Length > 1)
        {
            Candidate chosen = BestOf(weights);
            seeds = [chosen, .. Together(Others(chosen.Run), new Offset(progress, (long)runs.Length * options.Fit.Epochs))];
        }

        Candidate best = BestOf(seeds);
        return new Selection(options.TakesMean ? Candidate.MeanOf(seeds, best, set, costs) : best, weights[..runs.Length], seeds, device.ToString());

        IEnumerable<FitRun> Others(FitRun run) => Enumerable.Range(1, options.Seeds - 1).Select(i => run with { Seed = run.Seed + (ulong)i });

        Candidate[] Together(IEnumerable<FitRun> together, IProgress<long> heard)
        {
            FitRun[] all = [.. together];
            return all.Length == 0
                ? []
                : [.. Fit.Run(set.Train, set.Validation, all, options.Fit, device, heard, cancellation).Zip(all, (fit, run) => Candidate.Of(fit, run, set, costs))];
        }
    }

    /// <summary>The kept network as a controller.</summary>
    /// <param name="set">What it learned from.</param>
    /// <param name="costs">Of the tiers.</param>
    /// <param name="rarity">Of the tokens; null where nobody counted them.</param>
    /// <param name="probe">Of hidden states; null where none was used.</param>
    /// <param name="hash">SHA-256 of the data.</param>
    /// <param name="metrics">Of training.</param>
    public Controller ToController(TrainingSet set, IReadOnlyList<TierCost> costs, RarityTable? rarity, HiddenProbe? probe, string hash, IReadOnlyDictionary<string, double> metrics)
    {
        ControllerRecord record = new()
        {
            Labels = set.Labels,
            Lambda = Best.Run.Objective.Lambda,
            LatencyWeight = Best.Run.Objective.LatencyWeight,
            Seed = (long)Best.Run.Seed,
            DataSha256 = hash,
            ModelSha256 = set.ModelSha256,
            Trainer = new TrainerRecord(TorchRuntime.TorchSharpVersion, TorchRuntime.LibTorchVersion, Device, TorchRuntime.Kernels),
            Akv = typeof(Selection).Assembly.GetName().Version!.ToString(3),
            Metrics = metrics,
        };
        return new Controller(set.Features, Best.Fit.Network.ToLayers(), costs, record)
        {
            Budget = Best.Curve,
            PredictsLoss = Best.Run.Objective.PredictsLoss,
            Rarity = rarity,
            Probe = probe,
        };
    }

    private static Candidate BestOf(IEnumerable<Candidate> candidates) => candidates.MinBy(candidate => candidate.Matched.Loss)!;

    private sealed class Offset(IProgress<long> inner, long before) : IProgress<long>
    {
        public void Report(long value) => inner.Report(before + value);
    }
}
