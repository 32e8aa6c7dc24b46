namespace AdaptiveKv.Training.Fitting;

/// <summary>The terms of the loss, each a mean over rows and without its weight, and what is minimised.</summary>
/// <param name="CrossEntropy">-log p of the label, nats.</param>
/// <param name="Latency">Expected cost, 0 to 1.</param>
/// <param name="Accuracy">Expected loss of quality.</param>
/// <param name="Total">CE + latency weight * latency + lambda * accuracy; the deviance where losses are predicted.</param>
/// <param name="Correct">Share of rows whose likeliest tier is the label.</param>
internal sealed record LossTerms(double CrossEntropy, double Latency, double Accuracy, double Total, double Correct);
