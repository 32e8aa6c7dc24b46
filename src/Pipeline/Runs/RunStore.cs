using System.Text.RegularExpressions;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>
/// The runs of a folder's pipelines, by name, and the content of all that they made, each once: <c>artifacts/.store</c>. A record is written together with
/// the content it names, under one lock, so that no cleaning comes between.
/// </summary>
public sealed partial class RunStore
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string folder;
    private readonly string records;
    private readonly ContentStore contents;

    /// <param name="file">The pipeline whose runs are meant.</param>
    /// <param name="time">The clock that files' ages are taken by.</param>
    public RunStore(PipelineFile file, TimeProvider time)
        : this(file, new FileHashes(file.Artifacts, time))
    {
    }

    internal RunStore(PipelineFile file, FileHashes hashes)
    {
        folder = Path.Combine(Path.GetDirectoryName(file.Artifacts)!, ".store");
        records = Path.Combine(folder, "runs", Path.GetFileName(file.Artifacts));
        contents = new ContentStore(Path.Combine(folder, "content"), hashes);
    }

    /// <summary>The pipeline's runs, the oldest first.</summary>
    /// <exception cref="InvalidDataException">A record is damaged.</exception>
    public IReadOnlyList<KeptRun> Runs => [.. In(records).Select(KeptRun.Read).OrderBy(run => run.Written).ThenBy(run => run.Name, StringComparer.Ordinal)];

    /// <summary>The run of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    /// <exception cref="InvalidDataException">Its record is damaged.</exception>
    public KeptRun this[string name] => TryFind(name)
        ?? throw new ArgumentException($"no run is called '{name}'{FaultList.Suggestion(name, In(records).Select(path => Path.GetFileNameWithoutExtension(path)))}; 'akv runs list' shows them");

    /// <summary>The path of a kept file, once it is found to be whole.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public string Verified(KeptRun run, ManifestEntry file) =>
        contents.Verify(file.Sha256) ? contents.PathOf(file.Sha256) : throw Damaged(run, file);

    /// <summary>Forgets a run; what only it named goes with the next cleaning.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public void Remove(string name)
    {
        using FileLock held = Hold();
        // Its record may be damaged, and then this is the remedy.
        if (!IsTaken(name))
        {
            _ = this[name];
        }

        File.Delete(PathOf(name));
    }

    /// <summary>Removes all content that no run of any pipeline of the folder names, and what killed processes left.</summary>
    /// <returns>How many files went, and their bytes.</returns>
    /// <exception cref="InvalidDataException">A record is damaged, so that one cannot know; nothing was removed.</exception>
    public (int Files, long Bytes) Clean()
    {
        using FileLock held = Hold();
        HashSet<string> named = [.. In(Path.GetDirectoryName(records)!).Select(KeptRun.Read).SelectMany(run => run.Stages.Values).SelectMany(stage => stage.Files).Select(file => file.Sha256)];
        return contents.KeepOnly(named);
    }

    /// <summary>Whether there is a run of a name, be its record damaged.</summary>
    internal bool IsTaken(string name) => File.Exists(PathOf(name));

    /// <summary>The run of a name; null if there is none.</summary>
    internal KeptRun? TryFind(string name) => IsTaken(name) ? KeptRun.Read(PathOf(name)) : null;

    /// <summary>The runs of all pipelines of the folder that can be read, those of this one first.</summary>
    internal IEnumerable<KeptRun> Readable(Action<string> note)
    {
        foreach (string path in In(Path.GetDirectoryName(records)!).OrderBy(path => Path.GetDirectoryName(path) != records).ThenBy(path => path, StringComparer.Ordinal))
        {
            KeptRun run;
            try
            {
                run = KeptRun.Read(path);
            }
            catch (InvalidDataException exception)
            {
                note(exception.Message);
                continue;
            }

            yield return run;
        }
    }

    /// <summary>What runs made of a stage's inputs, with these kernels before others.</summary>
    internal static IEnumerable<(KeptRun Run, KeptStage Stage)> Made(IEnumerable<KeptRun> runs, PipelineStage stage, LockedStage inputs)
    {
        string[] outs = [.. stage.Outs.Select(output => output.Name).Order(StringComparer.Ordinal)];
        return from any in inputs.OnAnyPath()
               from run in runs
               from kept in run.Stages.Values
               where kept.Made.Inputs == any.Inputs && kept.Made.Outs.Keys.SequenceEqual(outs)
               select (run, kept);
    }

    /// <summary>Whether all files of a stage are here, by what is remembered of them.</summary>
    internal bool Has(KeptStage stage) => stage.Files.All(file => contents.Has(file.Sha256));

    /// <summary>Keeps a stage's files, and the run that names them.</summary>
    /// <exception cref="IOException">A file changed meanwhile, or the disk is full or failed.</exception>
    internal void Keep(KeptRun run, string stageFolder, KeptStage stage)
    {
        using FileLock held = Hold();
        foreach (ManifestEntry file in stage.Files)
        {
            contents.Put(Path.Combine(stageFolder, file.Path), file.Sha256);
        }

        DurableFolder.Create(records);
        DurableFile.Replace(PathOf(run.Name), run.ToBytes());
    }

    /// <summary>Publishes a kept stage in a folder in place of what is there.</summary>
    /// <returns>Null; or the first file that is not as it was kept, and then nothing has changed.</returns>
    internal ManifestEntry? Place(KeptStage stage, string stageFolder, ArtifactPublisher publisher)
    {
        if (stage.Files.FirstOrDefault(file => !contents.Verify(file.Sha256)) is { } damaged)
        {
            return damaged;
        }

        // Segments are named by their content and lie untouched beside others until their list is published.
        foreach (ManifestEntry file in stage.Files.OrderBy(KeptStage.IsPublished))
        {
            string path = Path.Combine(stageFolder, file.Path);
            if (KeptStage.IsPublished(file))
            {
                contents.Place(file.Sha256, publisher.Reserve(file.Path));
            }
            else if (!File.Exists(path) || FileHash.Of(path) != file.Sha256)
            {
                contents.Place(file.Sha256, DurableFile.TemporaryOf(path));
                DurableFile.Rename(DurableFile.TemporaryOf(path), path);
            }
        }

        publisher.Publish(stage.Made.Inputs);
        foreach (ManifestEntry list in stage.Files.Where(file => file.Path.Contains('/') && KeptStage.IsPublished(file)))
        {
            SegmentLog.Finish(Path.Combine(stageFolder, Path.GetDirectoryName(list.Path)!));
        }

        return null;
    }

    internal static InvalidDataException Damaged(KeptRun run, ManifestEntry file) =>
        new($"run '{run.Name}': {Path.GetFileName(file.Path)} is not as it was kept (damaged, or an artifact that shares its bytes was edited in place): 'akv run' with the run's values makes it again");

    /// <summary>Refuses what cannot be a run's name.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal static string Require(string name) =>
        Name().IsMatch(name) ? name : throw new ArgumentException($"'{name}' cannot name a run: expected up to 100 letters, digits and any of . _ = , @ + -, not starting with '.' or '-'");

    private static IEnumerable<string> In(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Where(path => !DurableFile.IsTemporary(Path.GetFileName(path))) : [];

    private string PathOf(string name) => Path.Combine(records, $"{Require(name)}.json");

    private FileLock Hold() => FileLock.Acquire(folder, "the store of runs", Patience);

    [GeneratedRegex(@"^[A-Za-z0-9_=,@+][A-Za-z0-9._=,@+-]{0,99}\z")]
    private static partial Regex Name();
}
