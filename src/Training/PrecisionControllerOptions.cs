using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Torch;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>How a <see cref="PrecisionControllerTrainer"/> trains: what it reads, and the params of the stage "train" with their defaults.</summary>
public sealed record PrecisionControllerOptions
{
    internal const string Features = "Features";

    private const double Heaviest = 1e6;

    /// <summary>A vector of Single: the raw features of a token, NaN where one is unknown. Its slot names are names of <see cref="SaliencyFeatures"/>.</summary>
    public string FeatureColumnName { get; init; } = Features;

    /// <summary>A vector of Single: what each tier loses of quality. Its slot names are tiers, from few bits to many: "2", "k3v2", "4".</summary>
    public string LossColumnName { get; init; } = "Losses";

    /// <summary>A key: which tier is right, in the order of the losses.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>A text: "train" or "validation"; the latter's rows say when training ends and which network is kept. Null to part the rows by <see cref="ItemColumnName"/>.</summary>
    public string? SplitColumnName { get; init; } = "Split";

    /// <summary>A text: what a token belongs to. Needed only without <see cref="SplitColumnName"/>: all tokens of an item are on one side. Where it is there, the interval of <c>gap_closed</c> is over items.</summary>
    public string ItemColumnName { get; init; } = "Item";

    /// <summary>Share of the items kept for validation without <see cref="SplitColumnName"/>, above 0 and below 1.</summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>Units of each hidden layer, 1 to 1024; 1 to 8 layers.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [128];

    /// <summary>Most passes over the rows.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Rows of a step.</summary>
    public int BatchRows { get; init; } = 64;

    /// <summary>Learning rate of Adam.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Passes without a lower validation loss after which training ends; 0 for all passes.</summary>
    public int Patience { get; init; }

    /// <summary>Weights of the expected loss of quality, from 0 on; of several the one is kept that loses least at equal bits on the validation rows.</summary>
    public IReadOnlyList<double> Lambdas { get; init; } = [1];

    /// <summary>Weights of the expected cost, chosen from in the same way, each with each of <see cref="Lambdas"/>.</summary>
    public IReadOnlyList<double> LatencyWeights { get; init; } = [1];

    /// <summary>Whether every label weighs as much in all as every other.</summary>
    public bool BalancesLabels { get; init; }

    /// <summary>Whether the network predicts what tiers lose instead of which one is right; then a controller serves every budget.</summary>
    public bool PredictsLoss { get; init; }

    /// <summary>Of the first numbers, the order of the rows and the split; from 0 on.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Networks to train, with seeds from <see cref="Seed"/> on, 1 to 100.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Whether the controller is the mean of these networks instead of the best one.</summary>
    public bool KeepsMean { get; init; }

    /// <summary>"auto", "cpu", "cuda" or one of several such as "cuda:1".</summary>
    public string Device { get; init; } = TorchDevice.Auto;

    /// <summary>What the tiers cost, in their order; null for what their layout says.</summary>
    public IReadOnlyList<TierCost>? Costs { get; init; }

    /// <summary>The rarity of tokens, for decoders; needed where it is one of the features.</summary>
    public RarityTable? Rarity { get; init; }

    /// <summary>The probe of hidden states, for decoders; needed where what it says is one of the features.</summary>
    public HiddenProbe? Probe { get; init; }

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal TrainOptions ToTrainOptions()
    {
        Require(ValidationShare is > 0 and < 1, nameof(ValidationShare), ValidationShare, "a share above 0 and below 1");
        Require(Hidden.Count is >= 1 and <= Controller.MostHidden && Hidden.All(units => units is >= 1 and <= Controller.MostUnits), nameof(Hidden), string.Join(", ", Hidden), $"1 to {Controller.MostHidden} layers of 1 to {Controller.MostUnits} units");
        Require(Epochs is >= 1 and <= 100_000, nameof(Epochs), Epochs, "1 to 100000 passes");
        Require(BatchRows is >= 1 and <= 65_536, nameof(BatchRows), BatchRows, "1 to 65536 rows");
        Require(LearningRate is >= 1e-9 and <= 1, nameof(LearningRate), LearningRate, "a rate from 1E-9 to 1");
        Require(Patience >= 0, nameof(Patience), Patience, "0 or more passes");
        Require(Lambdas.Count > 0 && Lambdas.All(weight => weight is >= 0 and <= Heaviest), nameof(Lambdas), string.Join(", ", Lambdas), $"one weight or more from 0 to {Heaviest}");
        Require(LatencyWeights.Count > 0 && LatencyWeights.All(weight => weight is >= 0 and <= Heaviest), nameof(LatencyWeights), string.Join(", ", LatencyWeights), $"one weight or more from 0 to {Heaviest}");
        Require(Seed >= 0, nameof(Seed), Seed, "0 or more");
        Require(Seeds is >= 1 and <= 100, nameof(Seeds), Seeds, "1 to 100 networks");
        Require(!KeepsMean || Hidden.Max() * Seeds <= Controller.MostUnits, nameof(KeepsMean), KeepsMean, $"false where {Seeds} networks side by side have more than {Controller.MostUnits} units in a layer");
        return new TrainOptions
        {
            Fit = new FitOptions(Hidden, Epochs, BatchRows, LearningRate, Patience),
            Device = Parsed(),
            Seed = (ulong)Seed,
            Weights = [.. from lambda in Lambdas from latency in LatencyWeights select (lambda, latency)],
            Seeds = Seeds,
            TakesMean = KeepsMean,
            Balance = BalancesLabels,
            PredictsLoss = PredictsLoss,
        };
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{name} is {value}: expected {expected}"));
        }
    }

    private TorchDevice Parsed()
    {
        try
        {
            return TorchDevice.Parse(Device);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"{nameof(Device)} {exception.Message}", exception);
        }
    }
}
