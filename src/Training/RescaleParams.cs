using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Training;

/// <summary>The params of the stage "rescale".</summary>
internal sealed record RescaleParams
{
    [Param("bring features to the new tokens' mean and deviation; false keeps the controller's own, for comparison")]
    public bool Features { get; init; } = true;

    [Param("first tokens of each item that are left out, as the cache keeps them anyway", Minimum = 0, Unit = "tokens")]
    public int SkipFirst { get; init; } = 1;
}
