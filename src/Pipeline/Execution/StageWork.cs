using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>The program of a stage at work, on verified deps that must be at its end what they were at its start.</summary>
/// <param name="stage">The stage.</param>
/// <param name="reporter">Hears how it goes.</param>
/// <param name="time">The clock.</param>
/// <param name="threads">As <see cref="StageContext.Threads"/>.</param>
/// <param name="cancellation">Stops the stage.</param>
internal sealed class StageWork(PipelineStage stage, IStageReporter reporter, TimeProvider time, int? threads, CancellationToken cancellation)
{
    private readonly Dictionary<string, ISegmentLog> logs = [];

    /// <summary>Runs the program.</summary>
    /// <param name="inputs">What it reads, as it was examined.</param>
    /// <param name="hash">The hash of a dep as it is now, of every byte.</param>
    /// <param name="reserve">The private path of an out of one file.</param>
    /// <param name="open">The log of a segmented out, and the extension of its segments.</param>
    /// <param name="isShard">Whether it is one shard of the work.</param>
    /// <exception cref="InvalidDataException">A dep is not as it was published.</exception>
    /// <exception cref="IOException">A dep changed meanwhile, or the disk is full or failed.</exception>
    public void Run(LockedStage inputs, Func<string, string?> hash, Func<StageOut, string> reserve, Func<StageOut, string, ISegmentLog> open, bool isShard)
    {
        stage.Kind.Run(Context(
            name => reserve(Declared(name, segmented: false)),
            (name, extension) => logs.TryGetValue(name, out ISegmentLog? log) ? log : logs[name] = open(Declared(name, segmented: true), extension),
            isShard));
        foreach (StageDep dep in stage.Deps)
        {
            if (hash(dep.FullPath) != inputs.Deps[dep.Name].Sha256)
            {
                // What was committed may be made of either content.
                logs.Values.ToList().ForEach(log => log.Discard());
                throw new IOException($"{dep.Path}: changed while stage '{stage.Name}' read it: run the same command again");
            }
        }
    }

    /// <summary>The items of a stage that works item by item.</summary>
    /// <exception cref="InvalidDataException">A dep is not as it was published, or malformed.</exception>
    public (int Items, int PerSegment) Items() => stage.Kind.Items!(Context(name => throw new InvalidOperationException(name), (name, _) => throw new InvalidOperationException(name), isShard: false));

    private StageContext Context(Func<string, string> reserve, Func<string, string, ISegmentLog> open, bool isShard) =>
        new(stage.Deps.ToDictionary(dep => dep.Name, Verified), stage.Outs.Select(made => made.Name).ToHashSet(), reserve, open)
        {
            Params = stage.Params,
            Reporter = reporter,
            Time = time,
            Threads = threads,
            IsShard = isShard,
            Cancellation = cancellation,
        };

    // What comes from outside may have been published too, by another pipeline or a stage that ran alone.
    private static IReadOnlyList<string> Verified(StageDep dep) =>
        dep.Producer is null && !ArtifactReader.IsPublished(dep.FullPath)
            ? [ArtifactReader.Verified(dep.FullPath)]
            : [.. ArtifactReader.Open(dep.FullPath).Select(file => file.Path)];

    private StageOut Declared(string name, bool segmented) =>
        stage.Outs.FirstOrDefault(made => made.Name == name && made.Segmented == segmented)
        ?? throw new InvalidOperationException(
            $"stage program '{stage.Kind.Name}' declares no {(segmented ? "segmented out" : "out of one file")} '{name}'");
}
