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
    private readonly Dictionary<StageOut, SegmentLog> logs = [];

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

        new StageWork(stage, reporter, time, threads, cancellation).Run(
            inputs,
            hash,
            made => publisher.Reserve(ArtifactName.Of(made)),
            (made, extension) => logs[made] = new SegmentLog(made.FullPath, inputs.Inputs, extension, reporter.Note),
            isShard: false);
        foreach (StageOut made in stage.Outs)
        {
            Complete(made);
        }

        publisher.Publish(inputs.Inputs);
    }

    private void Complete(StageOut made)
    {
        string temporary = publisher.Reserve(ArtifactName.Of(made));
        if (made.Segmented && logs.TryGetValue(made, out SegmentLog? log))
        {
            OutputFile.Write(temporary, log.ToManifest());
        }

        if (!File.Exists(temporary))
        {
            throw new InvalidOperationException($"stage program '{stage.Kind.Name}' did not write its out '{made.Name}'");
        }
    }
}
