using AdaptiveKv.Inference;

namespace AdaptiveKv.Evaluation.Provenance;

/// <summary>What a figure was made of: without this a result cannot be repeated.</summary>
/// <param name="Version">Version of AdaptiveKv.</param>
/// <param name="Model">File name of the model.</param>
/// <param name="ModelSha256">SHA-256 of the model's weights.</param>
/// <param name="Data">File name of the data.</param>
/// <param name="DataSha256">SHA-256 of the data file.</param>
/// <param name="Mode">How the cache was filled.</param>
/// <param name="Arithmetic">How matrix products were computed.</param>
/// <param name="Threads">Threads of the engine.</param>
/// <param name="Machine">Where it ran.</param>
public sealed record RunRecord(
    string Version,
    string Model,
    string ModelSha256,
    string Data,
    string DataSha256,
    CacheMode Mode,
    Arithmetic Arithmetic,
    int Threads,
    Machine Machine)
{
    /// <summary>Version of this program.</summary>
    public static string ThisVersion { get; } = typeof(RunRecord).Assembly.GetName().Version!.ToString(3);
}
