namespace AdaptiveKv.Training.Fitting;

/// <summary>Sums the terms of the loss over rows.</summary>
internal sealed class LossTally(Objective objective)
{
    private double crossEntropy;
    private double latency;
    private double accuracy;
    private double deviance;
    private long correct;
    private long rows;

    public void Add(double rowCrossEntropy, double rowLatency, double rowAccuracy, bool rowCorrect, double rowDeviance = 0)
    {
        deviance += rowDeviance;
        crossEntropy += rowCrossEntropy;
        latency += rowLatency;
        accuracy += rowAccuracy;
        correct += rowCorrect ? 1 : 0;
        rows++;
    }

    public LossTerms Mean()
    {
        double total = objective.PredictsLoss ? deviance : crossEntropy + (objective.LatencyWeight * latency) + (objective.Lambda * accuracy);
        return new LossTerms(crossEntropy / rows, latency / rows, accuracy / rows, total / rows, (double)correct / rows);
    }
}
