using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Shards;

/// <summary>Runs and merges the shards of a plan. It can be killed at any instant, and run twice at once.</summary>
public sealed class ShardWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ShardPlan plan;
    private readonly PipelineStage stage;
    private readonly IStageReporter reporter;
    private readonly TimeProvider time;

    /// <param name="plan">The plan.</param>
    /// <param name="catalog">The stages of this program.</param>
    /// <param name="reporter">Hears how it goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The plan is of another version of the stage.</exception>
    public ShardWork(ShardPlan plan, StageCatalog catalog, IStageReporter reporter, TimeProvider time) =>
        (this.plan, stage, this.reporter, this.time) = (plan, plan.StageOf(catalog), reporter, time);

    private ShardSegments[] Outs => [.. stage.Outs.Where(made => made.Segmented).Select(plan.SegmentsOf)];

    /// <summary>Segments of all outs.</summary>
    public int Total => Outs.Length * plan.Segments;

    /// <summary>Segments of all outs that are done.</summary>
    public int Done => Outs.Sum(made => made.Count);

    /// <summary>Shards that are not done.</summary>
    /// <param name="verify">Whether every byte is read, instead of looking what is there.</param>
    public IReadOnlyList<int> Missing(bool verify = false)
    {
        ShardSegments[] outs = Outs;
        return [.. Enumerable.Range(0, plan.Shards).Where(shard => !Indexes(shard).All(index => Array.TrueForAll(outs, made => verify ? made.Find(index) is not null : made.Has(index))))];
    }

    /// <summary>Runs a shard, unless it is done.</summary>
    /// <param name="shard">From 0.</param>
    /// <param name="threads">As <see cref="StageContext.Threads"/>.</param>
    /// <param name="cancellation">Stops it: whole segments are kept.</param>
    /// <exception cref="ArgumentException">There is no such shard, or this process has other kernels.</exception>
    /// <exception cref="InvalidDataException">What the stage reads is not what was planned.</exception>
    /// <exception cref="InvalidOperationException">Another process made other bytes of the same inputs.</exception>
    /// <exception cref="IOException">A dep changed meanwhile, or the disk is full or failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run(int shard, int? threads, CancellationToken cancellation)
    {
        Range range = plan.RangeOf(shard);
        if (Indexes(shard).All(index => Array.TrueForAll(Outs, made => made.Find(index) is not null)))
        {
            reporter.Note($"{stage.Name}: shard {shard} is done already");
            return;
        }

        StageHashes hashes = RequireInputs();
        string scratch = ShardPlan.ScratchIn(plan.Folder, time);
        try
        {
            Directory.CreateDirectory(scratch);
            long start = time.GetTimestamp();
            new StageWork(stage, reporter, time, threads, cancellation).Run(
                plan.Inputs,
                path => hashes.Of(path, fresh: true),
                made => Path.Combine(scratch, made.FileName),
                (made, extension) => new ShardLog(plan.SegmentsOf(made), range, extension, scratch),
                isShard: true);
            reporter.Note($"{stage.Name}: wrote shard {shard} of {plan.Shards} in {time.GetElapsedTime(start).TotalSeconds:0.0} s");
        }
        catch (IOException) when (!File.Exists(plan.Path))
        {
            reporter.Note($"{stage.Name}: shard {shard} was done by another process and merged meanwhile");
        }
        finally
        {
            Remove(scratch);
        }
    }

    /// <summary>Publishes what the shards made as if one process had, in the same bytes, and removes the plan.</summary>
    /// <param name="cancellation">Stops it: what the shards made is kept.</param>
    /// <exception cref="MissingShardsException">Some are not done, or damaged.</exception>
    /// <exception cref="InvalidDataException">What the stage reads is not what was planned.</exception>
    /// <exception cref="LockHeldException">Another process writes to the stage's folder.</exception>
    /// <exception cref="IOException">A dep changed meanwhile, or the disk is full or failed.</exception>
    public void Merge(CancellationToken cancellation)
    {
        using FileLock held = FileLock.Acquire(stage.Folder, $"stage '{stage.Name}'", Patience);
        if (!File.Exists(plan.Path))
        {
            reporter.Note($"{stage.Name}: another process has merged it");
            return;
        }

        StageHashes hashes = RequireInputs();
        if (Missing(verify: true) is { Count: > 0 } missing)
        {
            throw new MissingShardsException($"{stage.Name}: {missing.Count} of {plan.Shards} shards are missing or damaged: {ShardList.Text(missing)}: run them ('akv shard run --plan {plan.Path} --index N'), then merge again");
        }

        using ArtifactPublisher publisher = new(stage.Folder);
        StageOut[] segmented = [.. stage.Outs.Where(made => made.Segmented)];
        foreach (StageOut made in segmented)
        {
            ShardSegments segments = plan.SegmentsOf(made);
            SegmentLog.Adopt(made.FullPath, segments.Folder, [.. Enumerable.Range(0, plan.Segments).Select(index => segments.Find(index)!)]);
        }

        new StageExecution(stage, plan.Inputs, publisher).Run(path => hashes.Of(path, fresh: true), force: true, reporter, time, threads: null, cancellation);
        foreach (StageOut made in segmented)
        {
            SegmentLog.Finish(made.FullPath);
        }

        // First, so that a process that still runs a shard finds no plan rather than half a folder.
        File.Delete(plan.Path);
        Remove(plan.Folder);
        string plans = Path.GetDirectoryName(plan.Folder)!;
        if (!Directory.EnumerateFileSystemEntries(plans).Any())
        {
            Directory.Delete(plans);
        }

        reporter.Note($"{stage.Name}: merged {plan.Shards} shards");
    }

    private IEnumerable<int> Indexes(int shard)
    {
        Range range = plan.RangeOf(shard);
        return Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value);
    }

    private StageHashes RequireInputs()
    {
        if (plan.Kernels is { } kernels && kernels != KernelPath.Current)
        {
            throw new ArgumentException($"{plan.Path}: planned for {kernels} kernels, and this process has {KernelPath.Current}: plan again with --kernels that all machines have");
        }

        StageHashes hashes = new(new FileHashes(stage.Folder, time, trust: false), [stage]);
        foreach ((string name, LockedFile dep) in plan.Inputs.Deps)
        {
            string path = stage.Deps.First(read => read.Name == name).FullPath;
            if (hashes.Of(path) is not { } hash)
            {
                throw new FileNotFoundException($"{path}: no such file, or damaged, though {plan.Path} was made of it");
            }

            if (hash != dep.Sha256)
            {
                throw new InvalidDataException($"{path}: not the file that {plan.Path} was made of: plan again, or put that file back");
            }
        }

        return hashes;
    }

    private static void Remove(string folder)
    {
        // Another process that runs the same shard may still write to it.
        for (int attempt = 0; Directory.Exists(folder) && attempt < 10; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(20));
            }
        }
    }
}
