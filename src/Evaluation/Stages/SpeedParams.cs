using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The params of the stage <c>speed</c>.</summary>
internal sealed record SpeedParams
{
    [Param("Comma-separated names")]
    public string Policies { get; init; } = "static-16,static-8,static-4,static-2";

    [Param("Tokens in the cache when decoding is timed", Minimum = 1, Maximum = SpeedSettings.MostTokens, LeastCount = 1, Unit = "tokens")]
    public IReadOnlyList<int> Depths { get; init; } = [128, 1024];

    [Param("Tokens of the prompt whose reading is timed", Minimum = 1, Maximum = SpeedSettings.MostTokens, Unit = "tokens")]
    public int Prefill { get; init; } = 512;

    [Param("Tokens decoded at each depth, timed one by one", Minimum = 1, Maximum = SpeedSettings.MostTokens, Unit = "tokens")]
    public int Tokens { get; init; } = 32;

    [Param("How often everything is measured", Minimum = 1, Maximum = SpeedSettings.MostRepeats)]
    public int Repeats { get; init; } = 3;

    [Param("First tokens that every policy keeps at 16 bits", Minimum = 0, Maximum = PolicyCatalog.MostKept, Unit = "tokens")]
    public int Sinks { get; init; } = 1;

    [Param("Of the tokens that are read")]
    public ulong Seed { get; init; } = 42;
}
