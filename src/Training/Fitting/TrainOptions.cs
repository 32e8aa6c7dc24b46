using AdaptiveKv.Policies.Control;
using AdaptiveKv.Torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>How controllers are trained, whether the stage "train" or ML.NET asks.</summary>
internal sealed record TrainOptions
{
    /// <summary>How each network is trained.</summary>
    public required FitOptions Fit { get; init; }

    /// <summary>Where.</summary>
    public required TorchDevice Device { get; init; }

    /// <summary>The first network's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Weights of expected loss and expected cost to choose from; one pair at least.</summary>
    public required IReadOnlyList<(double Lambda, double LatencyWeight)> Weights { get; init; }

    /// <summary>Networks trained from different numbers.</summary>
    public required int Seeds { get; init; }

    /// <summary>Whether the controller is the mean of these networks instead of the best one.</summary>
    public required bool TakesMean { get; init; }

    /// <summary>Whether rare labels weigh more.</summary>
    public required bool Balance { get; init; }

    /// <summary>Whether the network predicts what tiers lose instead of which one is right.</summary>
    public required bool PredictsLoss { get; init; }

    /// <summary>What a network is trained on.</summary>
    public Objective Objective(RowSet train, IReadOnlyList<TierCost> costs, (double Lambda, double LatencyWeight) weight)
    {
        double[] numbers = [.. costs.Select(cost => cost.Milliseconds ?? cost.Bits)];
        double range = numbers.Max() - numbers.Min();
        float[] scaled = [.. numbers.Select(number => range > 0 ? (float)((number - numbers.Min()) / range) : 0f)];
        int[] rows = [.. costs.Select((_, tier) => train.Labels.Count(label => label == tier))];
        int present = rows.Count(count => count > 0);
        float[] weights = [.. rows.Select(count => Balance && count > 0 ? (float)train.Rows / (present * count) : 1f)];
        return new Objective(scaled, weights, weight.LatencyWeight, weight.Lambda) { PredictsLoss = PredictsLoss };
    }
}
