namespace AdaptiveKv.Training.Fitting;

/// <summary>How a network is trained.</summary>
/// <param name="Hidden">Units of each hidden layer.</param>
/// <param name="Epochs">Most passes over the rows.</param>
/// <param name="BatchRows">Rows of a step.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="Patience">Passes without a lower validation loss after which it ends; 0 for all passes.</param>
/// <param name="Seed">Of the first numbers and of the order of the rows.</param>
internal sealed record FitOptions(IReadOnlyList<int> Hidden, int Epochs, int BatchRows, double Rate, int Patience, ulong Seed);
