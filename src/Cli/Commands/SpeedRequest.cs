using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What is timed.</summary>
/// <param name="Model">Loaded; whoever asked disposes of it.</param>
/// <param name="Policies">In their order.</param>
/// <param name="Choice">How tokens are coded, and the controllers.</param>
/// <param name="Settings">Depths and numbers of tokens.</param>
/// <param name="Ids">What is read.</param>
/// <param name="Threads">Of the engine.</param>
internal sealed record SpeedRequest(LlamaModel Model, IReadOnlyList<PrecisionPolicy> Policies, CodeChoice Choice, SpeedSettings Settings, TokenIds Ids, int Threads);
