using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>Brings the artifacts of a pipeline and its lock file to where a kept run left them.</summary>
public static class RunRestoration
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Restores every stage that the run has and the pipeline still has. One that is stopped leaves whole stages of either; it can be repeated.</summary>
    /// <returns>The stages.</returns>
    /// <exception cref="InvalidDataException">A file is not as it was kept; nothing has changed.</exception>
    /// <exception cref="LockHeldException">Another process runs one of the stages.</exception>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public static IReadOnlyList<string> Restore(PipelineFile file, KeptRun run, RunStore store)
    {
        PipelineStage[] stages = [.. file.Stages.Where(stage => run.Stages.ContainsKey(stage.Name))];
        foreach (ManifestEntry kept in stages.SelectMany(stage => run.Stages[stage.Name].Files))
        {
            store.Verified(run, kept);
        }

        foreach (PipelineStage stage in stages)
        {
            KeptStage kept = run.Stages[stage.Name];
            using FileLock held = FileLock.Acquire(stage.Folder, $"stage '{stage.Name}'", Patience);
            using ArtifactPublisher publisher = new(stage.Folder);
            if (store.Place(kept, stage.Folder, publisher) is { } damaged)
            {
                throw RunStore.Damaged(run, damaged);
            }

            using FileLock record = FileLock.Acquire(file.Artifacts, $"the record of {file.Path}", Patience);
            LockFile.Record(file.LockPath, stage.Name, kept.Made, file.Stages.Select(other => other.Name));
        }

        return [.. stages.Select(stage => stage.Name)];
    }

    /// <summary>Whether a run is what lies in the pipeline's folders, as the lock file has it.</summary>
    /// <exception cref="InvalidDataException">The lock file is malformed.</exception>
    public static bool IsInPlace(PipelineFile file, KeptRun run)
    {
        LockFile now = LockFile.Read(file.LockPath);
        return run.Stages.All(kept => now.Stages.TryGetValue(kept.Key, out LockedStage? made)
            && made.Inputs == kept.Value.Made.Inputs
            && made.Outs.Values.Select(output => output.Sha256).SequenceEqual(kept.Value.Made.Outs.Values.Select(output => output.Sha256)));
    }
}
