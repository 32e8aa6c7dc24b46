using System.Text.Json.Serialization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Evaluation;

/// <summary>A multiple-choice evaluation with everything needed to judge and repeat it; what <c>--json</c> prints.</summary>
/// <param name="Run">Versions, hashes, mode, machine.</param>
/// <param name="Format">What the data file was recognized as.</param>
/// <param name="Seed">Seed of the sample.</param>
/// <param name="ItemsInFile">Items in the data file.</param>
/// <param name="Selection">File of the names of the items they were taken from; null where they were taken from all.</param>
/// <param name="ItemsSelected">Items of these names.</param>
/// <param name="ItemsWanted">Items in the sample.</param>
/// <param name="ItemsDone">Items scored; fewer than wanted after a cancellation.</param>
/// <param name="Seconds">Wall time of the scoring; null in a pipeline, whose files repeat to the byte.</param>
/// <param name="PeakRssBytes">Most physical memory the process held; null in a pipeline.</param>
/// <param name="Policies">One row per policy.</param>
public sealed record EvaluationReport(
    RunRecord Run,
    ItemFormat Format,
    ulong Seed,
    int ItemsInFile,
    string? Selection,
    int ItemsSelected,
    int ItemsWanted,
    int ItemsDone,
    double? Seconds,
    long? PeakRssBytes,
    IReadOnlyList<PolicySummary> Policies)
{
    /// <summary>What was scored of each item.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EvaluationUnit Unit { get; init; }

    /// <summary>Questions with their answers before every item.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Shots { get; init; }

    /// <summary>Policies against chance at equal bits; null where that was not part of the evaluation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PolicyComparison>? Comparisons { get; init; }

    /// <summary>What the figures say, in sentences; null where nobody judged them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Verdict { get; init; }

    /// <summary>Joins a result with its provenance; takes the process's peak memory now.</summary>
    /// <param name="run">Provenance.</param>
    /// <param name="file">The data.</param>
    /// <param name="selection">Path of the names of the items; null without one.</param>
    /// <param name="sample">The items taken from it.</param>
    /// <param name="result">What they gave.</param>
    public static EvaluationReport Of(RunRecord run, ItemFile file, string? selection, ItemSample sample, EvaluationResult result) => new(
        run,
        file.Format,
        sample.Seed,
        file.Items.Count,
        Path.GetFileName(selection),
        sample.Total,
        result.ItemsWanted,
        result.ItemsDone,
        result.Seconds,
        PeakMemory.Bytes,
        result.Policies);
}
