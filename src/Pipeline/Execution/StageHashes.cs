using System.Text.Json;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>What stages read and made, as hashes.</summary>
/// <param name="hashes">Of files.</param>
/// <param name="stages">Those that the files belong to.</param>
internal sealed class StageHashes(FileHashes hashes, IEnumerable<PipelineStage> stages)
{
    private readonly HashSet<string> segmented =
        [.. stages.SelectMany(stage => stage.Outs).Where(made => made.Segmented).Select(made => made.FullPath)];

    private readonly Dictionary<string, string> expected = [];

    /// <summary>From here on an artifact counts as what it will be: its stage will be restored.</summary>
    public void Expect(string path, string sha256) => expected[path] = sha256;

    /// <summary>The hash that stands for an artifact or a file from outside; null where it is missing or incomplete.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="fresh">Whether every byte is read, whatever is remembered.</param>
    public string? Of(string path, bool fresh = false)
    {
        if (expected.TryGetValue(path, out string? known))
        {
            return known;
        }

        if (!IsSegmented(path))
        {
            return hashes.Of(path, fresh);
        }

        string manifest = Path.Combine(path, Manifest.FileName);
        return Manifest.TryRead(manifest) is { } list && list.Entries.All(entry => hashes.Of(Path.Combine(path, entry.Path), fresh) == entry.Sha256)
            ? hashes.Of(manifest, fresh)
            : null;
    }

    /// <summary>The name of what is not as it was in a folder of segments: its manifest, if that one has another hash, or a segment.</summary>
    public string Damaged(string path, string sha256)
    {
        string manifest = Path.Combine(path, Manifest.FileName);
        return hashes.Of(manifest) == sha256 && Manifest.TryRead(manifest) is { } list
            ? list.Entries.First(entry => hashes.Of(Path.Combine(path, entry.Path)) != entry.Sha256).Path
            : Manifest.FileName;
    }

    /// <summary>Whether a path is that of a folder of segments.</summary>
    public bool IsSegmented(string path) => segmented.Contains(path) || File.Exists(Path.Combine(path, Manifest.FileName));

    /// <summary>What a stage would read and take now; null where a dep is missing or incomplete.</summary>
    public LockedStage? InputsOf(PipelineStage stage)
    {
        SortedDictionary<string, LockedFile> deps = new(StringComparer.Ordinal);
        foreach (StageDep dep in stage.Deps)
        {
            if (Of(dep.FullPath) is not { } hash)
            {
                return null;
            }

            deps.Add(dep.Name, new LockedFile(dep.Path, hash));
        }

        SortedDictionary<string, JsonElement> values = new(stage.Params.All.ToDictionary(), StringComparer.Ordinal);
        return new LockedStage(stage.Kind.Name, stage.Kind.CodeVersion, deps, values, new(StringComparer.Ordinal))
        {
            Kernels = stage.Kind.UsesKernels ? KernelPath.Current : null,
        };
    }

    /// <summary>The inputs, with the kernels of this machine or another, of which everything that a stage makes is published; null if there are none.</summary>
    public LockedStage? Made(PipelineStage stage, LockedStage inputs) =>
        Manifest.TryRead(Path.Combine(stage.Folder, Manifest.FileName)) is { } manifest
            ? inputs.OnAnyPath().FirstOrDefault(any => stage.Outs.All(made =>
                manifest.Find(ArtifactName.Of(made)) is { } entry && entry.Inputs == any.Inputs && Of(made.FullPath) == entry.Sha256))
            : null;
}
