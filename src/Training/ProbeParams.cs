using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training;

/// <summary>The params of the stage "probe".</summary>
internal sealed record ProbeParams
{
    [Param("the tiers whose costs are predicted, their mean logarithm", Unit = "bits", LeastCount = 1, Check = nameof(Tier))]
    public IReadOnlyList<string> Tiers { get; init; } = ["2", "3", "4"];

    [Param("parts of the items; each is predicted by a probe of the others, to choose the penalty and to judge it", Minimum = 2, Maximum = 20)]
    public int Folds { get; init; } = 5;

    [Param("first tokens of each item that are left out, as the cache keeps them anyway", Minimum = 0, Unit = "tokens")]
    public int SkipFirst { get; init; } = 1;

    private static void Tier(string name) => TierList.Tier(name);
}
