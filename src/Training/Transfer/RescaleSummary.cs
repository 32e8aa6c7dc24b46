namespace AdaptiveKv.Training.Transfer;

/// <summary>What a rescaling changed, as a file of metrics.</summary>
/// <param name="Tokens">Tokens it was measured on.</param>
/// <param name="Shift">How far each feature's mean lies from the controller's own, in its own deviations.</param>
/// <param name="Stretch">Each feature's deviation over the controller's own.</param>
/// <param name="BitsBefore">Mean effective bits, over these tokens, at the prices that the old budget curve gives for the targets.</param>
internal sealed record RescaleSummary(
    int Tokens, IReadOnlyDictionary<string, double> Shift, IReadOnlyDictionary<string, double> Stretch, IReadOnlyDictionary<string, double> BitsBefore);
