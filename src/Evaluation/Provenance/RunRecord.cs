using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Evaluation.Provenance;

/// <summary>What a figure was made of: without this a result cannot be repeated.</summary>
/// <param name="Version">Version of AdaptiveKv.</param>
/// <param name="Model">File name of the model.</param>
/// <param name="ModelSha256">SHA-256 of the model's weights.</param>
/// <param name="Data">File name of the data.</param>
/// <param name="DataSha256">SHA-256 of the data file.</param>
/// <param name="Mode">How the cache was filled.</param>
/// <param name="Code">How its tokens were coded; null where every row says it for itself.</param>
/// <param name="Arithmetic">How matrix products were computed.</param>
/// <param name="Threads">Threads of the engine; null in a pipeline, where they change nothing.</param>
/// <param name="Machine">Where it ran.</param>
public sealed record RunRecord(
    string Version,
    string Model,
    string ModelSha256,
    string Data,
    string DataSha256,
    CacheMode Mode,
    CodeRecord? Code,
    Arithmetic Arithmetic,
    int? Threads,
    Machine Machine)
{
    /// <summary>The record of a run on this machine by this version.</summary>
    /// <param name="model">The model.</param>
    /// <param name="dataPath">The data file; only the name is kept.</param>
    /// <param name="dataSha256">Hash of the data file.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="code">How its tokens are coded; null where every row says it for itself.</param>
    /// <param name="threads">Threads of the engine.</param>
    public static RunRecord Of(LlamaModel model, string dataPath, string dataSha256, CacheMode mode, CodeRecord? code, int? threads) => new(
        typeof(RunRecord).Assembly.GetName().Version!.ToString(3),
        FileName(model.Path),
        model.Sha256,
        FileName(dataPath),
        dataSha256,
        mode,
        code,
        model.Arithmetic,
        threads,
        Machine.Current);

    private static string FileName(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
}
