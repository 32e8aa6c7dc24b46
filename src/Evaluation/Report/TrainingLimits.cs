using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Where the numbers of a training's log can lie.</summary>
internal static class TrainingLimits
{
    public static IEnumerable<FigureLimit> Of(TrainingLog log) =>
    [
        .. log.Rows.Select(split => new FigureLimit($"rows.{split.Key}", split.Value)),
        .. log.Epochs.SelectMany((epoch, index) => (FigureLimit[])
        [
            new($"epochs[{index}].epoch", epoch.Epoch, 1), .. Of(epoch.Train, $"epochs[{index}].train."), .. Of(epoch.Validation, $"epochs[{index}].validation."),
        ]),
        .. log.Confusion.SelectMany((row, index) => row.Select((count, column) => new FigureLimit($"confusion[{index}][{column}]", count))),
        .. log.Calibration.SelectMany((bin, index) => (FigureLimit[])
        [
            new($"calibration[{index}].confidence", bin.Confidence, 0, 1), new($"calibration[{index}].correct", bin.Correct, 0, 1), new($"calibration[{index}].n", bin.N),
        ]),
        .. log.Importance.SelectMany((feature, index) => (FigureLimit[])
        [
            new($"importance[{index}].low", feature.Low, -FigureLimit.Most, feature.Increase), new($"importance[{index}].high", feature.High, feature.Increase),
        ]),
        .. log.Budget.Select((point, index) => new FigureLimit($"budget[{index}].bits", point.Bits)),
    ];

    // The total may be a deviance, which can lie below 0.
    private static IEnumerable<FigureLimit> Of(LossTerms losses, string at) =>
        [new($"{at}cross_entropy", losses.CrossEntropy), new($"{at}latency", losses.Latency), new($"{at}accuracy", losses.Accuracy), new($"{at}correct", losses.Correct, 0, 1), new($"{at}total", losses.Total, -FigureLimit.Most)];
}
