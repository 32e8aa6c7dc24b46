using AdaptiveKv.Inference;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <see cref="EngineOptions"/> read.</summary>
internal sealed record EngineSettings(
    string Model, IReadOnlyList<PrecisionPolicy> Policies, CacheMode Mode, int? Threads, CodeSetup Code, Arithmetic Arithmetic);
