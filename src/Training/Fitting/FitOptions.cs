namespace AdaptiveKv.Training.Fitting;

/// <summary>How networks are trained.</summary>
/// <param name="Hidden">Units of each hidden layer.</param>
/// <param name="Epochs">Most passes over the rows.</param>
/// <param name="BatchRows">Rows of a step.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="Patience">Passes without a lower validation loss after which a network is done; 0 for all passes.</param>
internal sealed record FitOptions(IReadOnlyList<int> Hidden, int Epochs, int BatchRows, double Rate, int Patience);
