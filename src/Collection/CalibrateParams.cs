using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The params of stages that read a calibration text.</summary>
internal record CalibrateParams
{
    [Param("Tokens to read", Minimum = 1, Unit = "tokens")]
    public int Tokens { get; init; } = 2048;

    [Param("Most tokens read from an empty cache", Minimum = 1, Unit = "tokens")]
    public int Window { get; init; } = 512;

    [Param("Of the draw")]
    public ulong Seed { get; init; } = 42;
}
