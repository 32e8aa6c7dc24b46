using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>One run of one stage: from verified deps to published outs.</summary>
/// <param name="stage">The stage.</param>
/// <param name="inputs">What it reads and takes, as it was examined.</param>
/// <param name="publisher">Of the stage's folder, whose lock the caller holds.</param>
internal sealed class StageExecution(PipelineStage stage, LockedStage inputs, ArtifactPublisher publisher)
{
    private readonly Dictionary<string, SegmentLog> logs = [];

    /// <summary>Runs the stage and publishes what it made.</summary>
    /// <param name="hash">The hash of a dep as it is now, of every byte.</param>
    /// <param name="force">Whether segments of an unfinished run with other kernels go.</param>
    /// <param name="reporter">Hears how it goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="threads">As <see cref="StageContext.Threads"/>.</param>
    /// <param name="cancellation">Stops the stage.</param>
    /// <exception cref="ArgumentException">An unfinished run had other kernels.</exception>
    /// <exception cref="InvalidDataException">A dep is not as it was published.</exception>
    /// <exception cref="IOException">A dep changed meanwhile, or the disk is full or failed.</exception>
    public void Run(Func<string, string?> hash, bool force, IStageReporter reporter, TimeProvider time, int? threads, CancellationToken cancellation)
    {
        if (!force && StageExamination.UnfinishedElsewhere(stage, inputs) is { } elsewhere)
        {
            throw new ArgumentException(elsewhere);
        }

        Dictionary<string, IReadOnlyList<string>> deps = stage.Deps.ToDictionary(dep => dep.Name, Verified);
        StageContext context = new(deps, stage.Outs.Select(made => made.Name).ToHashSet(), Reserve, (name, extension) => Open(name, extension, reporter.Note))
        {
            Params = stage.Params,
            Reporter = reporter,
            Time = time,
            Threads = threads,
            Cancellation = cancellation,
        };
        stage.Kind.Run(context);

        foreach (StageDep dep in stage.Deps)
        {
            if (hash(dep.FullPath) != inputs.Deps[dep.Name].Sha256)
            {
                // What was committed may be made of either content.
                logs.Values.ToList().ForEach(log => log.Discard());
                throw new IOException($"{dep.Path}: changed while stage '{stage.Name}' read it: run the same command again");
            }
        }

        foreach (StageOut made in stage.Outs)
        {
            Complete(made);
        }

        publisher.Publish(inputs.Inputs);
    }

    // What comes from outside may have been published too, by another pipeline or a stage that ran alone.
    private static IReadOnlyList<string> Verified(StageDep dep) =>
        dep.Producer is null && !ArtifactReader.IsPublished(dep.FullPath)
            ? [ArtifactReader.Verified(dep.FullPath)]
            : [.. ArtifactReader.Open(dep.FullPath).Select(file => file.Path)];

    private string Reserve(string name)
    {
        StageOut made = Declared(name, segmented: false);
        return publisher.Reserve(ArtifactName.Of(made));
    }

    private SegmentLog Open(string name, string extension, Action<string> note)
    {
        StageOut made = Declared(name, segmented: true);
        if (!logs.TryGetValue(name, out SegmentLog? log))
        {
            logs[name] = log = new SegmentLog(made.FullPath, inputs.Inputs, extension, note);
        }

        return log;
    }

    private StageOut Declared(string name, bool segmented) =>
        stage.Outs.FirstOrDefault(made => made.Name == name && made.Segmented == segmented)
        ?? throw new InvalidOperationException(
            $"stage program '{stage.Kind.Name}' declares no {(segmented ? "segmented out" : "out of one file")} '{name}'");

    private void Complete(StageOut made)
    {
        string temporary = publisher.Reserve(ArtifactName.Of(made));
        if (made.Segmented && logs.TryGetValue(made.Name, out SegmentLog? log))
        {
            OutputFile.Write(temporary, log.ToManifest());
        }

        if (!File.Exists(temporary))
        {
            throw new InvalidOperationException($"stage program '{stage.Kind.Name}' did not write its out '{made.Name}'");
        }
    }
}
