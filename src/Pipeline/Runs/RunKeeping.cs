using System.Text.RegularExpressions;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>Keeps a run under a name while it goes on, and finds for its stages what earlier runs made of the same inputs.</summary>
/// <param name="file">The pipeline.</param>
/// <param name="name">The run's name; null for one by its values.</param>
/// <param name="note">Hears of records that cannot be used.</param>
public sealed partial class RunKeeping(PipelineFile file, string? name, Action<string> note)
{
    private const string Plain = "default";
    private const int LongestName = 80;
    private const int HashLength = 8;

    private RunStore store = null!;
    private KeptRun run = null!;
    private KeptRun[] known = [];

    /// <summary>The name it has; known once the run has begun.</summary>
    public string Name => run.Name;

    /// <summary>Finds the name. A run that was stopped goes on under its own.</summary>
    /// <param name="hashes">Remembered ones.</param>
    /// <param name="hash">As for <see cref="RunDefinition"/>.</param>
    /// <exception cref="ArgumentException">The name cannot be one, or is that of a run of other inputs.</exception>
    internal void Begin(FileHashes hashes, Func<string, string?> hash)
    {
        store = new RunStore(file, hashes);
        known = [.. store.Readable(note)];
        string definition = RunDefinition.Of(file, hash);
        KeptRun? earlier = name is null ? known.FirstOrDefault(kept => kept.Pipeline == Path.GetFileName(file.Artifacts) && kept.Definition == definition) : store.TryFind(name);
        if (earlier is not null && earlier.Definition != definition)
        {
            throw new ArgumentException($"run '{name}' is kept already, with other inputs ({Text(earlier.Values)}): choose another name, or forget it with 'akv runs remove {name}'");
        }

        run = earlier ?? new KeptRun(definition, file.Values, new(StringComparer.Ordinal)) { Name = name is null ? Free(file.Values) : RunStore.Require(name) };
    }

    /// <summary>Publishes what a run made of a stage's inputs, of this pipeline or another, with these kernels or others.</summary>
    /// <returns>The run, and its kernels; null where none made it, or it is damaged.</returns>
    internal (string From, string? Kernels)? TryRestore(PipelineStage stage, LockedStage inputs, ArtifactPublisher publisher)
    {
        foreach ((KeptRun kept, KeptStage made) in RunStore.Made(known, stage, inputs))
        {
            if (store.Place(made, stage.Folder, publisher) is not { } damaged)
            {
                return (kept.Name, made.Made.Kernels);
            }

            note($"{stage.Name}: {RunStore.Damaged(kept, damaged).Message}");
        }

        return null;
    }

    /// <summary>Keeps a stage that is up to date.</summary>
    /// <exception cref="IOException">A file of it changed meanwhile, or the disk is full or failed.</exception>
    internal void Keep(PipelineStage stage, LockedStage made)
    {
        KeptStage kept = KeptStage.Of(stage, made);
        if (!run.Stages.TryGetValue(stage.Name, out KeptStage? old) || !old.IsSameAs(kept) || !store.Has(kept))
        {
            run.Stages[stage.Name] = kept;
            store.Keep(run, stage.Folder, kept);
        }
    }

    private static string Text(IReadOnlyList<string> values) => values.Count == 0 ? "the file's own values" : string.Join(' ', values.Select(value => $"-S {value}"));

    // "train.lr=3e-4"; with a number where a run of other inputs has that name.
    private string Free(IReadOnlyList<string> values)
    {
        string wanted = values.Count == 0 ? Plain : string.Join(',', values.Select(value => Other().Replace(value, string.Empty).TrimStart('.', '-')));
        if (wanted.Length > LongestName)
        {
            wanted = $"{wanted[..LongestName]}-{FileHash.OfText(wanted)[..HashLength]}";
        }

        string free = wanted;
        for (int number = 2; store.IsTaken(free); number++)
        {
            free = $"{wanted}-{number}";
        }

        return free;
    }

    [GeneratedRegex("[^A-Za-z0-9._=,@+-]+")]
    private static partial Regex Other();
}
