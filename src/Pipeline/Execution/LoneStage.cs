using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>
/// A stage program that runs by itself, from files to files, without a pipeline file. Its outs are published as a pipeline's are, so that
/// it can be killed at any instant and goes on from there, and other stages and pipelines verify what they read of it.
/// </summary>
public sealed class LoneStage
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.2);

    private readonly PipelineStage stage;

    private LoneStage(PipelineStage stage) => this.stage = stage;

    /// <summary>Reads what a command line gives.</summary>
    /// <param name="kind">The program.</param>
    /// <param name="given">Paths of deps and outs and the texts of params, by name; lists are comma-separated.</param>
    /// <exception cref="FormatException">Something is missing or wrong; the message names each by its option.</exception>
    /// <exception cref="FileNotFoundException">A dep does not exist.</exception>
    public static LoneStage Read(StageKind kind, IReadOnlyDictionary<string, string> given)
    {
        FaultList faults = new();
        PipelineStage stage = new LoneStageReader(kind, given, faults).Read();
        try
        {
            faults.ThrowIfAny();
        }
        catch (ConfigurationException exception)
        {
            throw new FormatException(string.Join("; ", exception.Faults), exception);
        }

        return stage.MissingDeps().FirstOrDefault() is { } missing
            ? throw new FileNotFoundException($"{missing.Where}: there is no {missing.Path}: create it, or correct the path")
            : new LoneStage(stage);
    }

    /// <summary>Runs the program, unless its outs are what its inputs give already.</summary>
    /// <param name="force">Whether to run it anyhow.</param>
    /// <param name="threads">As <see cref="StageContext.Threads"/>.</param>
    /// <param name="reporter">Hears how it goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops it: whole segments are kept.</param>
    /// <returns>Whether it ran.</returns>
    /// <exception cref="ArgumentException">An unfinished run had other kernels, and it is not forced.</exception>
    /// <exception cref="InvalidDataException">A dep or the list of published files is damaged.</exception>
    /// <exception cref="LockHeldException">Another process writes to the folder.</exception>
    /// <exception cref="IOException">A dep changed meanwhile, or the disk is full or failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public bool Run(bool force, int? threads, IStageReporter reporter, TimeProvider time, CancellationToken cancellation)
    {
        RequireOwnManifest();
        StageHashes hashes = new(new FileHashes(stage.Folder, time, trust: false), [stage]);
        LockedStage inputs = hashes.InputsOf(stage) ?? throw Incomplete();
        using FileLock held = FileLock.Acquire(stage.Folder, $"a stage with outs in {stage.Folder}", Patience);
        using ArtifactPublisher publisher = new(stage.Folder, isShared: true);
        bool runs = force || hashes.Made(stage, inputs) is null;
        if (runs)
        {
            long start = time.GetTimestamp();
            new StageExecution(stage, inputs, publisher).Run(path => hashes.Of(path, fresh: true), force, reporter, time, threads, cancellation);
            string made = string.Join(", ", stage.Outs.Select(made => made.Path));
            reporter.Note($"{stage.Name}: wrote {made} in {time.GetElapsedTime(start).TotalSeconds:0.0} s");
        }
        else
        {
            reporter.Note($"{stage.Name}: nothing to do: the outs are made of these inputs already (--force makes them again)");
        }

        foreach (StageOut made in stage.Outs.Where(made => made.Segmented))
        {
            SegmentLog.Finish(made.FullPath);
        }

        return runs;
    }

    // The folder may be anybody's, and other programs call their files manifest.json too.
    private void RequireOwnManifest()
    {
        string path = Path.Combine(stage.Folder, Manifest.FileName);
        if (File.Exists(path) && Manifest.TryRead(path) is null)
        {
            throw new InvalidDataException(
                $"{path}: not a list of published files, or a damaged one: give the outs a folder of their own, or delete it");
        }
    }

    private Exception Incomplete()
    {
        try
        {
            // Says of a folder of segments what is wrong with it.
            foreach (StageDep dep in stage.Deps.Where(dep => ArtifactReader.IsPublished(dep.FullPath)))
            {
                ArtifactReader.Open(dep.FullPath);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
        {
            return exception;
        }

        return new IOException($"{stage.Name}: what it reads changes meanwhile: run the same command again");
    }
}
