using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Training;

/// <summary>The params of the stage "rivals".</summary>
internal sealed record RivalsParams
{
    [Param("of the trainers and of the resamples of items", Minimum = 0, Maximum = int.MaxValue)]
    public int Seed { get; init; } = 42;
}
