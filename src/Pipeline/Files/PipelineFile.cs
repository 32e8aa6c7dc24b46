using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>A pipeline: stages that meet in files, as a YAML document describes them.</summary>
public sealed class PipelineFile
{
    internal PipelineFile(string path, string root, IReadOnlyList<PipelineStage> stages, IReadOnlyList<string> values)
    {
        (Path, Root, Stages, Values) = (path, root, stages, values);
        Artifacts = ArtifactFolder(path, root);
    }

    /// <summary>The document, as it was named.</summary>
    public string Path { get; }

    /// <summary>The folder that its paths are relative to.</summary>
    public string Root { get; }

    /// <summary>The folder that holds all of its outs.</summary>
    public string Artifacts { get; }

    /// <summary>The file beside the document that records what its outs were made of.</summary>
    public string LockPath => System.IO.Path.ChangeExtension(System.IO.Path.GetFullPath(Path), ".lock");

    /// <summary>Each stage after those that make what it reads; otherwise in the order of the document.</summary>
    public IReadOnlyList<PipelineStage> Stages { get; }

    /// <summary>The values in place of the document's, as they were given: "train.lr=3e-4".</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Reads a document.</summary>
    /// <param name="path">A YAML file.</param>
    /// <param name="catalog">What its stages can use.</param>
    /// <param name="overrides">Values in place of the document's: "train.lr=3e-4", or "seed=7" for one under its own <c>params:</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ConfigurationException">It or an override is wrong.</exception>
    public static PipelineFile Read(string path, StageCatalog catalog, IEnumerable<string> overrides) =>
        PipelineReader.Read(path, catalog, [.. overrides]);

    internal static string ArtifactFolder(string path, string root) =>
        System.IO.Path.Combine(root, "artifacts", System.IO.Path.GetFileNameWithoutExtension(path));
}
