using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>What a stage works with: files that were verified, private paths to write to, values, and the means to be heard and stopped.</summary>
public sealed class StageContext
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> deps;
    private readonly IReadOnlySet<string> outs;
    private readonly Func<string, string> reserve;
    private readonly Func<string, string, SegmentLog> open;

    internal StageContext(
        IReadOnlyDictionary<string, IReadOnlyList<string>> deps, IReadOnlySet<string> outs, Func<string, string> reserve, Func<string, string, SegmentLog> open) =>
        (this.deps, this.outs, this.reserve, this.open) = (deps, outs, reserve, open);

    /// <summary>The stage's values.</summary>
    public required ParamValues Params { get; init; }

    /// <summary>Hears how it goes.</summary>
    public required IStageReporter Reporter { get; init; }

    /// <summary>The clock, for measuring durations.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Threads that a user wants the engine to have; null for as many as suit it. They change no byte of what is made.</summary>
    public int? Threads { get; init; }

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

    /// <summary>The log of an out that is declared as segmented, with what an unfinished run of the same inputs left in it.</summary>
    /// <param name="name">The out.</param>
    /// <param name="extension">Of the segments' names: ".parquet".</param>
    public SegmentLog Segments(string name, string extension) => open(name, extension);
}
