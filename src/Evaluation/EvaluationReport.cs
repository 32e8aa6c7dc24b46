using System.Text.Json.Serialization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Evaluation;

/// <summary>An evaluation with everything needed to judge and repeat it; what <c>--json</c> prints.</summary>
public sealed record EvaluationReport
{
    /// <summary>Versions, hashes, mode, machine.</summary>
    public required RunRecord Run { get; init; }

    /// <summary>What the data file was recognized as.</summary>
    public required ItemFormat Format { get; init; }

    /// <summary>Seed of the sample.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Items in the data file.</summary>
    public required int ItemsInFile { get; init; }

    /// <summary>File of the names of the items they were taken from; null where they were taken from all.</summary>
    public string? Selection { get; init; }

    /// <summary>Items of these names.</summary>
    public required int ItemsSelected { get; init; }

    /// <summary>Items in the sample.</summary>
    public required int ItemsWanted { get; init; }

    /// <summary>Items scored; fewer than wanted after a cancellation.</summary>
    public required int ItemsDone { get; init; }

    /// <summary>Wall time of the scoring; null in a pipeline, whose files repeat to the byte.</summary>
    public double? Seconds { get; init; }

    /// <summary>Most physical memory the process held; null in a pipeline.</summary>
    public long? PeakRssBytes { get; init; }

    /// <summary>One row per policy.</summary>
    public required IReadOnlyList<PolicySummary> Policies { get; init; }

    /// <summary>What was scored of each item.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EvaluationUnit Unit { get; init; }

    /// <summary>Questions with their answers before every item.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Shots { get; init; }

    /// <summary>Policies against chance at equal bits; null where that was not part of the evaluation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PolicyComparison>? Comparisons { get; init; }

    /// <summary>Learned policies against the best static one of those that take as much memory or less; the target is the learned one's allocated bits. Null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PolicyComparison>? EqualMemory { get; init; }

    /// <summary>What the figures say, in sentences; null where nobody judged them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Verdict { get; init; }

    /// <summary>Joins a result with its provenance; takes the process's peak memory now.</summary>
    /// <param name="run">Provenance.</param>
    /// <param name="file">The data.</param>
    /// <param name="selection">Path of the names of the items; null without one.</param>
    /// <param name="sample">The items taken from it.</param>
    /// <param name="result">What they gave.</param>
    public static EvaluationReport Of(RunRecord run, ItemFile file, string? selection, ItemSample sample, EvaluationResult result) => new()
    {
        Run = run,
        Format = file.Format,
        Seed = sample.Seed,
        ItemsInFile = file.Items.Count,
        Selection = Path.GetFileName(selection),
        ItemsSelected = sample.Total,
        ItemsWanted = result.ItemsWanted,
        ItemsDone = result.ItemsDone,
        Seconds = result.Seconds,
        PeakRssBytes = PeakMemory.Bytes,
        Policies = result.Policies,
    };
}
