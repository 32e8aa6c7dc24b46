using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>
/// Runs the stages of a pipeline whose outs are not what their inputs give. It can be killed at any instant: the next run finds every artifact
/// whole, old or new, and goes on from there to the same bytes.
/// </summary>
/// <param name="file">The pipeline.</param>
/// <param name="reporter">Hears how it goes.</param>
/// <param name="time">The clock.</param>
/// <param name="keeping">Keeps what is made, and gives back what was; null where nothing is kept.</param>
/// <param name="share">
/// Plans what a stage that works item by item has to do, while nobody else can change it, and gives what has other processes do it and merges it; null where this process does it all.
/// </param>
public sealed class PipelineRun(PipelineFile file, IStageReporter reporter, TimeProvider time, RunKeeping? keeping = null, Func<PipelineStage, Action>? share = null)
{
    private static readonly TimeSpan RecordPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StagePatience = TimeSpan.FromSeconds(0.2);

    private static readonly HashSet<string> None = [];

    private readonly FileHashes hashes = new(file.Artifacts, time, note: reporter.Note);
    private readonly HashSet<string> ran = [];
    private readonly HashSet<string> restored = [];

    /// <summary>Runs what is to be run, one stage after the other.</summary>
    /// <param name="selection">The stages to look at.</param>
    /// <param name="force">Whether to run stages that are up to date.</param>
    /// <param name="cancellation">Stops it: whole segments and the outs of earlier stages are kept.</param>
    /// <exception cref="ConfigurationException">The pipeline has no stage of a name.</exception>
    /// <exception cref="ArgumentException">An unfinished run had other kernels, and it is not forced; or the run's name is another one's.</exception>
    /// <exception cref="FileNotFoundException">A dep is missing.</exception>
    /// <exception cref="InvalidDataException">An artifact or the lock file is damaged.</exception>
    /// <exception cref="LockHeldException">Another process runs one of the stages.</exception>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RunSummary Run(StageSelection selection, bool force, CancellationToken cancellation)
    {
        IReadOnlyList<PipelineStage> stages = selection.Of(file);
        if (stages.SelectMany(stage => stage.MissingDeps().Select(stage.Fault)).FirstOrDefault() is { } missing)
        {
            throw new FileNotFoundException(missing.ToString());
        }

        RemoveLeftovers();
        try
        {
            keeping?.Begin(hashes, path => new StageExamination(file, hashes).HashOf(path));
            foreach (PipelineStage stage in stages)
            {
                cancellation.ThrowIfCancellationRequested();
                RunStage(stage, stages, force, cancellation);
            }
        }
        finally
        {
            hashes.Save();
        }

        string[] names = [.. stages.Select(stage => stage.Name)];
        return new RunSummary([.. names.Where(ran.Contains)], [.. names.Where(restored.Contains).Except(ran)], [.. names.Except(ran).Except(restored)]);
    }

    private void RunStage(PipelineStage stage, IReadOnlyList<PipelineStage> selected, bool force, CancellationToken cancellation)
    {
        StageExamination examination = new(file, hashes);
        StageState before = examination.Examine(stage, None, force);
        if (before.IsUpToDate)
        {
            reporter.Note($"{stage.Name}: unchanged{(before.OtherKernels is { } made ? $" (made with {made} kernels; this process has {KernelPath.Current})" : string.Empty)}");
            KeepUnchanged(stage, examination.RecordOf(stage)!);
            return;
        }

        // What a stage reads is read whole before it computes, whatever is remembered; what turns out to be damaged is made again first.
        foreach (StageDep dep in stage.Deps)
        {
            examination.HashOf(dep.FullPath, fresh: true);
        }

        foreach (PipelineStage producer in selected.Where(other => stage.Producers.Contains(other.Name) && !examination.Examine(other, None, force: false).IsUpToDate))
        {
            RunStage(producer, selected, force: false, cancellation);
        }

        before = StageExamination.WithTraces(before);
        if (Complete(stage, before, force, stage.Kind.Items is null ? null : share, cancellation) is { } others)
        {
            others();
            ran.Add(stage.Name);
            Complete(stage, before, force: false, planning: null, cancellation);
        }
    }

    // Null, or what others, which need the lock, have to do first.
    private Action? Complete(PipelineStage stage, StageState before, bool force, Func<PipelineStage, Action>? planning, CancellationToken cancellation)
    {
        StageExamination examination = new(file, hashes);
        using FileLock held = Hold(stage, cancellation);
        using ArtifactPublisher publisher = new(stage.Folder);
        // Another process may have run it meanwhile, and a killed one's renames were just completed.
        StageState state = examination.Examine(stage, None, force);
        bool relisted = !state.IsUpToDate && !state.IsMade && examination.RecordOf(stage) is { } record && ManifestRestoration.TryRestore(stage, record, publisher);
        if (relisted)
        {
            state = examination.Examine(stage, None, force);
        }

        if (state.Current is not { } inputs)
        {
            throw new FileNotFoundException($"{file.Path}: stage '{stage.Name}': {string.Join("; ", state.Reasons)}: run the stages before it too");
        }

        bool isDone = state.IsUpToDate || state.IsMade;
        if (!isDone && !force && keeping?.TryRestore(stage, inputs, publisher) is { } earlier)
        {
            reporter.Note($"{stage.Name}: {string.Join("; ", before.Reasons)}: restored from run '{earlier.From}'");
            inputs = inputs with { Kernels = earlier.Kernels };
            restored.Add(stage.Name);
        }
        else if (!isDone)
        {
            reporter.Note($"{stage.Name}: {string.Join("; ", before.Reasons)}");
            if (planning is not null)
            {
                return planning(stage);
            }

            long start = time.GetTimestamp();
            new StageExecution(stage, inputs, publisher).Run(path => examination.HashOf(path, fresh: true), force, reporter, time, threads: null, cancellation);
            reporter.Note($"{stage.Name}: done in {time.GetElapsedTime(start).TotalSeconds:0.0} s");
            ran.Add(stage.Name);
        }
        else
        {
            string how = state.IsMade ? "recorded now" : relisted ? $"{string.Join("; ", before.Reasons)}: written again" : "another process ran it";
            reporter.Note($"{stage.Name}: made already; {how}");
        }

        foreach (StageOut made in stage.Outs.Where(made => made.Segmented))
        {
            SegmentLog.Finish(made.FullPath);
        }

        if (!state.IsUpToDate)
        {
            Record(stage, inputs, publisher.Manifest);
        }

        keeping?.Keep(stage, examination.RecordOf(stage)!);
        return null;
    }

    // A merge of shards, begun for a process that followed them and is gone, is what this one would follow now: it is waited for.
    private FileLock Hold(PipelineStage stage, CancellationToken cancellation)
    {
        for (bool isTold = false; ; isTold = true)
        {
            try
            {
                return FileLock.Acquire(stage.Folder, $"stage '{stage.Name}'", StagePatience);
            }
            catch (LockHeldException) when (share is not null && Directory.Exists(stage.PlanFolder))
            {
                cancellation.ThrowIfCancellationRequested();
                if (!isTold)
                {
                    reporter.Note($"{stage.Name}: waiting for {FileLock.HolderOf(stage.Folder) ?? "another process"}, which has its shards");
                }
            }
        }
    }

    private void KeepUnchanged(PipelineStage stage, LockedStage made)
    {
        try
        {
            keeping?.Keep(stage, made);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or (IOException and not LockHeldException))
        {
            // What is up to date on a disk that is full or can only be read needs no more.
            reporter.Note($"{stage.Name}: not kept under a name: {exception.Message}");
        }
    }

    private void Record(PipelineStage stage, LockedStage inputs, Manifest manifest)
    {
        SortedDictionary<string, LockedFile> outs = new(StringComparer.Ordinal);
        foreach (StageOut made in stage.Outs)
        {
            outs.Add(made.Name, new LockedFile(made.Path, manifest.Find(ArtifactName.Of(made))!.Sha256));
        }

        using FileLock held = HoldPipeline();
        LockFile.Record(file.LockPath, stage.Name, inputs with { Outs = outs }, file.Stages.Select(other => other.Name));
    }

    private void RemoveLeftovers()
    {
        try
        {
            using FileLock held = HoldPipeline();
            DurableFile.RemoveTemporaries(file.Artifacts);
            File.Delete(DurableFile.TemporaryOf(file.LockPath));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or (IOException and not LockHeldException))
        {
            // On a disk that can only be read leftovers stay, and a run with nothing to do needs no more; a stage that must run says what is wrong.
        }
    }

    private FileLock HoldPipeline() => FileLock.Acquire(file.Artifacts, $"the record of {file.Path}", RecordPatience);
}
