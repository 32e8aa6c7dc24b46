namespace AdaptiveKv.Evaluation;

/// <summary>Scores of all items under all policies.</summary>
/// <param name="Items">Item by item, within an item policy by policy.</param>
/// <param name="Policies">In the order they were named; empty where no item was finished.</param>
/// <param name="ItemsDone">Items scored under every policy.</param>
/// <param name="ItemsWanted">Items given; more than were done after a cancellation.</param>
/// <param name="Seconds">Wall time of the loop.</param>
public sealed record EvaluationResult(
    IReadOnlyList<ItemResult> Items,
    IReadOnlyList<PolicySummary> Policies,
    int ItemsDone,
    int ItemsWanted,
    double Seconds);
