using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>The parameters of the stage "train".</summary>
internal sealed record TrainOptions
{
    private const string Balanced = "balanced";
    private const string Loss = "loss";
    private const string Mean = "mean";

    /// <summary>How each network is trained.</summary>
    public required FitOptions Fit { get; init; }

    /// <summary>Where.</summary>
    public required TorchDevice Device { get; init; }

    /// <summary>The first network's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Weights of expected loss and expected cost to choose from; one pair at least.</summary>
    public required IReadOnlyList<(double Lambda, double LatencyWeight)> Weights { get; init; }

    /// <summary>Networks trained from different numbers.</summary>
    public required int Seeds { get; init; }

    /// <summary>Whether the controller is the mean of these networks instead of the best one.</summary>
    public required bool TakesMean { get; init; }

    /// <summary>Whether rare labels weigh more.</summary>
    public required bool Balance { get; init; }

    /// <summary>Whether the network predicts what tiers lose instead of which one is right.</summary>
    public required bool PredictsLoss { get; init; }

    /// <summary>The declarations.</summary>
    public static IReadOnlyList<StageParam> Params { get; } =
    [
        StageParam.Text("predict", "tier", "tier: the label, by cross-entropy + expected cost + lambda * expected loss, as published; loss: what each tier loses, from which any budget's choice follows")
            with { Choices = ["tier", Loss] },
        StageParam.Integers("hidden", [128], "units of each hidden layer, one layer or more") with { Minimum = 1, Maximum = Controller.MostUnits, LeastCount = 1, MostCount = Controller.MostHidden },
        StageParam.Integer("epochs", 100, "most passes over the training rows") with { Minimum = 1, Maximum = 100_000 },
        StageParam.Integer("batch", 64, "rows of a step") with { Minimum = 1, Maximum = 65_536, Unit = "rows" },
        StageParam.Number("lr", 1e-3, "learning rate of Adam") with { Minimum = 1e-9, Maximum = 1 },
        StageParam.Number("lambda", 1, "weight of the expected loss of quality") with { Minimum = 0, Maximum = 1e6 },
        StageParam.Numbers("lambdas", [], "weights to choose lambda from by the validation loss at equal bits; empty for lambda alone")
            with { Minimum = 0, Maximum = 1e6 },
        StageParam.Number("latency_weight", 1, "weight of the expected cost; a large one leaves only the cheapest tier") with { Minimum = 0, Maximum = 1e6 },
        StageParam.Numbers("latency_weights", [], "weights to choose latency_weight from in the same way, each with each lambda")
            with { Minimum = 0, Maximum = 1e6 },
        StageParam.Text("class_weights", "none", "balanced: every label weighs as much in all as every other") with { Choices = ["none", Balanced] },
        StageParam.Integer("patience", 0, "passes without a lower validation loss after which training ends; 0 for all passes") with { Minimum = 0 },
        StageParam.Seed("of the first numbers, the order of the rows and the shuffles"),
        StageParam.Integer("seeds", 1, "networks to train, with seeds from seed on") with { Minimum = 1, Maximum = 100 },
        StageParam.Text("keep", "best", "best: of the networks the one with the lowest validation loss at equal bits; mean: all of them side by side as one network, which gives the mean of their outputs")
            with { Choices = ["best", Mean] },
        StageParam.Text("device", TorchDevice.Auto, "processor to train on: auto, cpu, cuda, or one of several such as cuda:1; auto takes NVIDIA's where this build and machine have one")
            with { Check = name => TorchDevice.Parse(name) },
    ];

    /// <summary>What is wrong with values that are right each by itself.</summary>
    public static IEnumerable<ParamFault> Faults(ParamValues values) =>
        values.Text("keep") == Mean && values.Integers("hidden").Max() * values.Integer("seeds") > Controller.MostUnits
            ? [new("keep", $"is mean: {values.Integer("seeds")} networks of [{string.Join(", ", values.Integers("hidden"))}] units side by side have more than {Controller.MostUnits}: train fewer seeds or units")]
            : [];

    /// <summary>Reads values that have no faults.</summary>
    public static TrainOptions Of(ParamValues values)
    {
        return new TrainOptions
        {
            Fit = new FitOptions(
                [.. values.Integers("hidden").Select(units => (int)units)],
                (int)values.Integer("epochs"),
                (int)values.Integer("batch"),
                values.Number("lr"),
                (int)Math.Min(values.Integer("patience"), int.MaxValue)),
            Device = TorchDevice.Parse(values.Text("device")),
            Seed = (ulong)values.Integer("seed"),
            Weights =
            [
                .. from lambda in Listed("lambdas", "lambda")
                from latency in Listed("latency_weights", "latency_weight")
                select (lambda, latency),
            ],
            Seeds = (int)values.Integer("seeds"),
            TakesMean = values.Text("keep") == Mean,
            Balance = values.Text("class_weights") == Balanced,
            PredictsLoss = values.Text("predict") == Loss,
        };

        IReadOnlyList<double> Listed(string list, string one) => values.Numbers(list) is { Count: > 0 } several ? several : [values.Number(one)];
    }

    /// <summary>What a network is trained on.</summary>
    public Objective Objective(RowSet train, IReadOnlyList<TierCost> costs, (double Lambda, double LatencyWeight) weight)
    {
        double[] numbers = [.. costs.Select(cost => cost.Milliseconds ?? cost.Bits)];
        double range = numbers.Max() - numbers.Min();
        float[] scaled = [.. numbers.Select(number => range > 0 ? (float)((number - numbers.Min()) / range) : 0f)];
        int[] rows = [.. costs.Select((_, tier) => train.Labels.Count(label => label == tier))];
        int present = rows.Count(count => count > 0);
        float[] weights = [.. rows.Select(count => Balance && count > 0 ? (float)train.Rows / (present * count) : 1f)];
        return new Objective(scaled, weights, weight.LatencyWeight, weight.Lambda) { PredictsLoss = PredictsLoss };
    }
}
