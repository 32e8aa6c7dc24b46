namespace AdaptiveKv.Training.Fitting;

/// <summary>How one pass over the rows went.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Train">Mean over the pass, each batch before its own step.</param>
/// <param name="Validation">After the pass.</param>
internal sealed record EpochRecord(int Epoch, LossTerms Train, LossTerms Validation);
