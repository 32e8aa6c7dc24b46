using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Torch;

namespace AdaptiveKv.Collection;

/// <summary>The params of the stage <c>fisher</c>.</summary>
internal sealed record FisherParams : TextParams
{
    [Param("Continuations drawn at every position: passes back through the model", Minimum = 1, Maximum = 256)]
    public int Samples { get; init; } = 4;

    [Param("The tiers whose costs are found", Unit = "bits", LeastCount = 1, Check = nameof(Tier))]
    public IReadOnlyList<string> Tiers { get; init; } = ["2", "k3v2", "3", "k4v3", "4", "8"];

    [Param("Most texts of dep tokens that are compared with and that the scale is fitted to", Minimum = 1, Unit = "items")]
    public int Measured { get; init; } = 12;

    [Param("Processor of the passes back: auto, cpu, cuda, or one of several such as cuda:1; the same bytes come of one kind of processor", Check = nameof(Parse))]
    public string Device { get; init; } = TorchDevice.Auto;

    /// <summary>In the order of the table's columns, each once.</summary>
    public KvTier[] TriedTiers => [.. TokenTable.Tiers.Intersect(Tiers.Select(CollectParams.Tier))];

    private static void Tier(string name)
    {
        if (CollectParams.Tier(name) == KvTier.Dropped)
        {
            throw new FormatException($"'{name}': a dropped token is no small error, so gradients do not tell what it costs: measure it, by stage collect with tiers of {name} among others");
        }
    }

    private static void Parse(string device) => TorchDevice.Parse(device);
}
