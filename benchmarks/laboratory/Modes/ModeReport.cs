using System.Text.Json.Serialization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary>Decoding against two passes, with everything needed to judge and repeat it; what <c>laboratory modes --json</c> prints.</summary>
/// <param name="Run">Versions, hashes, machine; its mode is the one the other is compared with.</param>
/// <param name="Seed">Seed of the sample.</param>
/// <param name="ItemsInFile">Items in the data file.</param>
/// <param name="ItemsWanted">Items in the sample.</param>
/// <param name="ItemsDone">Items compared; fewer after a cancellation.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Policies">Policy by policy.</param>
/// <param name="Items">Item by item, within an item policy by policy.</param>
internal sealed record ModeReport(
    RunRecord Run, ulong Seed, int ItemsInFile, int ItemsWanted, int ItemsDone, double Seconds, IReadOnlyList<ModeSummary> Policies, IReadOnlyList<ModeDifference> Items)
{
    /// <summary>Questions with their answers before every item.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Shots { get; init; }

    /// <summary>Joins differences with their provenance.</summary>
    /// <param name="run">Provenance.</param>
    /// <param name="file">The data.</param>
    /// <param name="sample">The items taken from it.</param>
    /// <param name="time">Wall time.</param>
    /// <param name="items">What came of them.</param>
    /// <param name="policies">Number of policies.</param>
    public static ModeReport Of(RunRecord run, ItemFile file, ItemSample sample, TimeSpan time, IReadOnlyList<ModeDifference> items, int policies) => new(
        run,
        sample.Seed,
        file.Items.Count,
        sample.Items.Count,
        items.Count / policies,
        time.TotalSeconds,
        [.. items.GroupBy(item => item.Policy).Select(policy => ModeSummary.Of([.. policy]))],
        items);
}
