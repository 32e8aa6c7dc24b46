using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>What a stage works with: files that were verified, private paths to write to, values, and the means to be heard and stopped.</summary>
public sealed class StageContext
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> deps;
    private readonly IReadOnlySet<string> outs;
    private readonly Func<string, string> reserve;
    private readonly Func<string, string, ISegmentLog> open;

    internal StageContext(
        IReadOnlyDictionary<string, IReadOnlyList<string>> deps, IReadOnlySet<string> outs, Func<string, string> reserve, Func<string, string, ISegmentLog> open) =>
        (this.deps, this.outs, this.reserve, this.open) = (deps, outs, reserve, open);

    /// <summary>The stage's values.</summary>
    public required ParamValues Params { get; init; }

    /// <summary>Hears how it goes.</summary>
    public required IStageReporter Reporter { get; init; }

    /// <summary>The clock, for measuring durations, and the day of a report.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Threads that a user wants the engine to have; null for as many as suit it. They change no byte of what is made.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether this is one shard of the work: when its segments are written, a stage returns, and what it makes of all segments a later run makes.</summary>
    public bool IsShard { get; init; }

    /// <summary>Is cancelled when the run is asked to stop; a stage has two seconds then.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Whether an optional dep is given.</summary>
    public bool Has(string dep) => deps.ContainsKey(dep);

    /// <summary>Whether an optional out is to be written.</summary>
    public bool Wants(string made) => outs.Contains(made);

    /// <summary>The path of a dep that is one file, or a folder from outside of the pipeline.</summary>
    /// <exception cref="KeyNotFoundException">The stage declares no such dep.</exception>
    public string Dep(string name) => deps[name].Single();

    /// <summary>The path of an optional dep; null where it is not given.</summary>
    public string? Find(string dep) => Has(dep) ? Dep(dep) : null;

    /// <summary>The paths of a dep's segments, in their order; a dep that is one file is its only segment.</summary>
    /// <exception cref="KeyNotFoundException">The stage declares no such dep.</exception>
    public IReadOnlyList<string> DepSegments(string name) => deps[name];

    /// <summary>The private path to write an out to.</summary>
    public string Out(string name) => reserve(name);

    /// <summary>Writes an out that is declared as segmented, of a shard its part: the segments that an unfinished run of the same inputs has not committed.</summary>
    /// <param name="name">The out.</param>
    /// <param name="extension">Of the segments' names: ".parquet".</param>
    /// <param name="title">What is done, for people: a verb and its object.</param>
    /// <param name="items">Items of the whole work.</param>
    /// <param name="itemsPerSegment">Items of each segment but the last.</param>
    /// <param name="write">Writes a segment to a path, whole, of the items of some indexes; one counts as done when the next is asked for.</param>
    /// <returns>The paths of all segments, of a shard its own, in their order.</returns>
    /// <exception cref="IOException">The disk is full or failed; the committed segments are as they were.</exception>
    public IReadOnlyList<string> Segments(string name, string extension, string title, int items, int itemsPerSegment, Action<string, IEnumerable<int>> write)
    {
        ISegmentLog log = open(name, extension);
        SegmentRange own = log.Own(items, itemsPerSegment);
        long done = Math.Min((long)log.Committed * itemsPerSegment, own.Count);
        return Reporter.Track(title, own.Count, "items", progress =>
        {
            progress.Report(done);
            foreach (SegmentRange range in log.Remaining(items, itemsPerSegment))
            {
                log.Commit(range, path => write(path, Indexes(range, own.First, progress)));
            }

            return log.Paths;
        }, done);
    }

    private IEnumerable<int> Indexes(SegmentRange range, long first, IProgress<long> progress)
    {
        for (long index = range.First; index < range.First + range.Count; index++)
        {
            Cancellation.ThrowIfCancellationRequested();
            yield return (int)index;
            progress.Report(index + 1 - first);
        }
    }
}
