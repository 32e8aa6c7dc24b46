using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Torch;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>The params of the stage "train".</summary>
internal sealed record TrainParams
{
    private const string Balanced = "balanced";
    private const string Loss = "loss";
    private const string Mean = "mean";

    [Param("tier: the label, by cross-entropy + expected cost + lambda * expected loss, as published; loss: what each tier loses, from which any budget's choice follows", Choices = ["tier", Loss])]
    public string Predict { get; init; } = "tier";

    [Param("units of each hidden layer, one layer or more", Minimum = 1, Maximum = Controller.MostUnits, LeastCount = 1, MostCount = Controller.MostHidden)]
    public IReadOnlyList<int> Hidden { get; init; } = [128];

    [Param("most passes over the training rows", Minimum = 1, Maximum = 100_000)]
    public int Epochs { get; init; } = 100;

    [Param("rows of a step", Minimum = 1, Maximum = 65_536, Unit = "rows")]
    public int Batch { get; init; } = 64;

    [Param("learning rate of Adam", Minimum = 1e-9, Maximum = 1)]
    public double Lr { get; init; } = 1e-3;

    [Param("weight of the expected loss of quality", Minimum = 0, Maximum = 1e6)]
    public double Lambda { get; init; } = 1;

    [Param("weights to choose lambda from by the validation loss at equal bits; empty for lambda alone", Minimum = 0, Maximum = 1e6)]
    public IReadOnlyList<double> Lambdas { get; init; } = [];

    [Param("weight of the expected cost; a large one leaves only the cheapest tier", Minimum = 0, Maximum = 1e6)]
    public double LatencyWeight { get; init; } = 1;

    [Param("weights to choose latency_weight from in the same way, each with each lambda", Minimum = 0, Maximum = 1e6)]
    public IReadOnlyList<double> LatencyWeights { get; init; } = [];

    [Param("balanced: every label weighs as much in all as every other", Choices = ["none", Balanced])]
    public string ClassWeights { get; init; } = "none";

    [Param("passes without a lower validation loss after which training ends; 0 for all passes", Minimum = 0)]
    public int Patience { get; init; }

    [Param("of the first numbers, the order of the rows and the shuffles")]
    public ulong Seed { get; init; } = 42;

    [Param("networks to train, with seeds from seed on", Minimum = 1, Maximum = 100)]
    public int Seeds { get; init; } = 1;

    [Param("best: of the networks the one with the lowest validation loss at equal bits; mean: all of them side by side as one network, which gives the mean of their outputs", Choices = ["best", Mean])]
    public string Keep { get; init; } = "best";

    [Param("processor to train on: auto, cpu, cuda, or one of several such as cuda:1; auto takes NVIDIA's where this build and machine have one", Check = nameof(Parse))]
    public string Device { get; init; } = TorchDevice.Auto;

    /// <summary>What is wrong with values that are right each by itself.</summary>
    public IEnumerable<ParamFault> Faults() => Keep == Mean && Hidden.Max() * (long)Seeds > Controller.MostUnits
        ? [new("keep", $"is mean: {Seeds} networks of [{string.Join(", ", Hidden)}] units side by side have more than {Controller.MostUnits}: train fewer seeds or units")]
        : [];

    /// <summary>How to train, of values that have no faults.</summary>
    public TrainOptions ToOptions() => new()
    {
        Fit = new FitOptions(Hidden, Epochs, Batch, Lr, Patience),
        Device = TorchDevice.Parse(Device),
        Seed = Seed,
        Weights = [.. from lambda in Lambdas.DefaultIfEmpty(Lambda) from latency in LatencyWeights.DefaultIfEmpty(LatencyWeight) select (lambda, latency)],
        Seeds = Seeds,
        TakesMean = Keep == Mean,
        Balance = ClassWeights == Balanced,
        PredictsLoss = Predict == Loss,
    };

    private static void Parse(string device) => TorchDevice.Parse(device);
}
