namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A program that pipeline files can use: a function from files and parameters to files.</summary>
public sealed record StageKind
{
    /// <summary>The word after <c>uses:</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What the stage makes of what, in half a line.</summary>
    public required string Description { get; init; }

    /// <summary>Is raised with every change after which the same inputs give other outs, or a changed program would not run again.</summary>
    public required int CodeVersion { get; init; }

    /// <summary>The files it reads.</summary>
    public IReadOnlyList<StageInput> Deps { get; init; } = [];

    /// <summary>The files it writes, in a pipeline into the folder of the stage.</summary>
    public required IReadOnlyList<StageOutput> Outs { get; init; }

    /// <summary>Whether its outs depend on the kernels of the engine (<see cref="Fingerprints.KernelPath"/>).</summary>
    public bool UsesKernels { get; init; }

    /// <summary>The values it takes.</summary>
    public IReadOnlyList<StageParam> Params { get; init; } = [];

    /// <summary>The figures in its files of metrics, as far as one of two values is better, or could be taken for it.</summary>
    public IReadOnlyList<StageMetric> Metrics { get; init; } = [];

    /// <summary>
    /// Finds what is wrong with values that are right each by itself: with each other, with what the stage is given to read, and, where that can be
    /// read already, with its content. Whatever the work would refuse for its values is refused here, before anything runs.
    /// </summary>
    public Func<StageProposal, IEnumerable<ParamFault>> Check { get; init; } = _ => [];

    /// <summary>
    /// Of a stage that works item by item: how many items there are, and how many a segment has, so that shards can be planned without doing the work.
    /// Its segmented outs have all the same segments. Null of other stages.
    /// </summary>
    public Func<StageContext, (int Items, int PerSegment)>? Items { get; init; }

    /// <summary>
    /// Does the work: writes every out and returns; throws <see cref="OperationCanceledException"/> when cancelled. What it wrote is
    /// published after it returns and thrown away if it does not, except whole segments.
    /// </summary>
    public required Action<StageContext> Run { get; init; }
}
