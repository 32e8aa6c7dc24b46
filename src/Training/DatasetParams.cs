using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training;

/// <summary>The params of the stage "dataset".</summary>
internal sealed record DatasetParams
{
    private const string Example = "example";
    private const string Counterfactual = "counterfactual";
    private const string Fisher = "fisher";

    [Param("example: what its item needs as a whole, as published; counterfactual: what it needs alone, as measured; fisher: the same of every token, as expected by gradients", Choices = [Example, Counterfactual, Fisher])]
    public string Labels { get; init; } = Counterfactual;

    [Param("what the controller will see of a token", LeastCount = 1, Check = nameof(Feature))]
    public IReadOnlyList<string> Features { get; init; } = [.. SaliencyFeatures.Published.Select(SaliencyFeatures.Name)];

    [Param("what it will choose from, fewest first", Unit = "bits", LeastCount = 2, Check = nameof(Tier))]
    public IReadOnlyList<string> Tiers { get; init; } = ["2", "4", "8", "16"];

    [Param("of labels: fisher, the first and the last layer whose costs count, for a controller of a group of layers alone; all where none are named", Minimum = 0, Unit = "layers")]
    public IReadOnlyList<int> Layers { get; init; } = [];

    [Param("how much more KL than the dearest tier a label of a token alone allows; 0 solves it from target_bits", Minimum = 0, Unit = "nats")]
    public double Epsilon { get; init; }

    [Param("mean nominal bits of such labels of the training split", Minimum = 0, Maximum = 16, Unit = "bits")]
    public double TargetBits { get; init; } = 4;

    [Param("share of the items kept for validation", Minimum = 0.01, Maximum = 0.9)]
    public double Validation { get; init; } = 0.2;

    [Param("of the split")]
    public ulong Seed { get; init; } = 42;

    [Param("first tokens of each item that are left out, as the cache keeps them anyway", Minimum = 0, Unit = "tokens")]
    public int SkipFirst { get; init; } = 1;

    /// <summary>Whether a token's label is its item's.</summary>
    public bool IsByExample => Labels == Example;

    /// <summary>Whether a token's label is what gradients expect.</summary>
    public bool IsByGradients => Labels == Fisher;

    private static void Feature(string name) => SaliencyFeatures.Parse(name);

    private static void Tier(string name) => TierList.Tier(name);
}
