using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The params of the stage <c>calibrate</c>.</summary>
internal sealed record CalibrateParams
{
    [Param("Tokens to read", Minimum = 1, Unit = "tokens")]
    public int Tokens { get; init; } = 2048;

    [Param("Most tokens read from an empty cache", Minimum = 1, Unit = "tokens")]
    public int Window { get; init; } = 512;

    [Param("Of the draw")]
    public ulong Seed { get; init; } = 42;

    [Param("Keep keys relative to their mean")]
    public bool Center { get; init; } = true;

    [Param("Let channels share the burden between keys and queries")]
    public bool Balance { get; init; } = true;

    [Param("Spread by a Hadamard rotation what is left of large channels")]
    public bool Rotate { get; init; } = true;

    [Param("Balance values against the output matrix")]
    public bool BalanceValues { get; init; }

    /// <summary>The parts of the transform.</summary>
    public TransformOptions Options => new(Center, Balance, Rotate, BalanceValues);
}
