using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>How a training went and what it learned.</summary>
internal static class TrainingFigures
{
    private const double PanelWidth = 470, PanelHeight = 190;

    private static readonly (string Name, Func<LossTerms, double> Of)[] Terms =
    [
        ("total loss", losses => losses.Total),
        ("cross-entropy", losses => losses.CrossEntropy),
        ("latency term", losses => losses.Latency),
        ("accuracy term", losses => losses.Accuracy),
    ];

    public static IEnumerable<ReportFigure> Of(TrainingLog log)
    {
        yield return Losses(log);
        if (log.Confusion.Count > 0)
        {
            yield return Confusion(log);
        }

        if (log.Calibration.Count > 0)
        {
            yield return Calibration(log);
        }

        if (log.Importance.Count > 0)
        {
            yield return Importance(log);
        }

        if (log.Budget.Count > 0)
        {
            yield return Budget(log);
        }
    }

    private static ReportFigure Losses(TrainingLog log)
    {
        TextTable table = new(["epoch", .. Terms.SelectMany(term => new[] { $"{term.Name}, train", "validation" }), "correct"]);
        foreach (EpochRecord epoch in log.Epochs)
        {
            table.Add(
            [
                $"{epoch.Epoch}{(epoch.Epoch == log.BestEpoch ? " (kept)" : "")}",
                .. Terms.SelectMany(term => new[] { $"{term.Of(epoch.Train):0.0000}", $"{term.Of(epoch.Validation):0.0000}" }),
                epoch.Validation.Correct is { } correct ? $"{100 * correct:0.0} %" : Cell.None,
            ]);
        }

        return new ReportFigure("Loss terms by epoch", "The terms of the composite loss on the training and the validation split; the weights of the marked epoch were kept.", table)
        {
            Pictures = [.. Terms.Select(term => LossPanel(log, term.Name, term.Of))],
        };
    }

    private static LinePlot LossPanel(TrainingLog log, string name, Func<LossTerms, double> of)
    {
        PlotSeries train = new("train", [.. log.Epochs.Select(epoch => new PlotPoint(epoch.Epoch, of(epoch.Train)))]) { Dash = 2 };
        PlotSeries validation = new("validation", [.. log.Epochs.Select(epoch => new PlotPoint(epoch.Epoch, of(epoch.Validation)))]);
        string description = $"On the validation split from {validation.Points[0].Y:0.####} in epoch {log.Epochs[0].Epoch} to {validation.Points[^1].Y:0.####} in epoch {log.Epochs[^1].Epoch}.";
        return new LinePlot($"{name} by epoch", description, "epoch", name, [train, validation])
        {
            Width = PanelWidth,
            FrameHeight = PanelHeight,
            FromZero = false,
            ShowsPoints = false,
            Mark = (log.BestEpoch, $"kept: epoch {log.BestEpoch}"),
        };
    }

    private static ReportFigure Confusion(TrainingLog log)
    {
        TextTable table = new(["label", .. log.Tiers.Select(tier => $"chosen {tier}")]);
        foreach ((int row, IReadOnlyList<long> counts) in log.Confusion.Index())
        {
            table.Add([log.Tiers[row], .. counts.Select(count => $"{count}")]);
        }

        double right = log.Confusion.Select((counts, row) => counts[row]).Sum();
        double all = Math.Max(1, log.Confusion.Sum(counts => counts.Sum()));
        string description = $"{100 * right / all:0.0} percent of the validation rows are on the diagonal.";
        return new ReportFigure("Labels and choices", "Validation rows by the tier of their label and the tier that was chosen; percent of the label's rows.", table)
        {
            Pictures = [new MatrixPlot("Labels and choices", description, "label (bits)", "choice (bits)", log.Tiers, log.Confusion)],
        };
    }

    private static ReportFigure Calibration(TrainingLog log)
    {
        TextTable table = new("confidence", "correct", "n");
        foreach (CalibrationBin bin in log.Calibration)
        {
            table.Add($"{bin.Confidence:0.000}", $"{bin.Correct:0.000}", $"{bin.N}");
        }

        double all = Math.Max(1, log.Calibration.Sum(bin => bin.N));
        double gap = log.Calibration.Sum(bin => bin.N * Math.Abs(bin.Confidence - bin.Correct)) / all;
        PlotSeries series = new("choices", [.. log.Calibration.Where(bin => bin.N > 0).Select(bin => new PlotPoint(bin.Confidence, bin.Correct))]);
        LinePlot plot = new("Calibration", $"Confidence and share of right choices differ by {gap:0.000} on average.", "confidence (probability of the choice)", "share of right choices", [series])
        {
            Width = PanelWidth,
            IsUnitSquare = true,
        };
        return new ReportFigure("Calibration", $"A confidence that means what it says lies on the dashed line; expected calibration error {gap:0.000}.", table) { Pictures = [plot] };
    }

    private static ReportFigure Importance(TrainingLog log)
    {
        FeatureImportance[] sorted = [.. log.Importance.OrderByDescending(feature => feature.Increase)];
        TextTable table = new("feature", "increase", "95 % interval");
        foreach (FeatureImportance feature in sorted)
        {
            table.Add(feature.Feature, $"{feature.Increase:0.0000}", $"{feature.Low:0.0000} to {feature.High:0.0000}");
        }

        IntervalPlot plot = new(
            "Importance of features",
            $"The most important feature is {sorted[0].Feature}, the least {sorted[^1].Feature}.",
            "increase of the loss (95 % interval)",
            [.. sorted.Select(feature => new PlotSeries(feature.Feature, [new PlotPoint(0, feature.Increase, feature.Low, feature.High)]))]);
        return new ReportFigure("Importance of features", "By how much the validation loss grows when a feature's values are shuffled among the rows.", table) { Pictures = [plot] };
    }

    private static ReportFigure Budget(TrainingLog log)
    {
        TextTable table = new("price of a bit", "mean bits");
        foreach (BudgetPoint point in log.Budget)
        {
            table.Add($"{point.Price:0.####}", $"{point.Bits:0.00}");
        }

        PlotSeries series = new("validation", [.. log.Budget.OrderBy(point => point.Price).Select(point => new PlotPoint(point.Price, point.Bits))]);
        string description = $"From {log.Budget.Max(point => point.Bits):0.00} bits down to {log.Budget.Min(point => point.Bits):0.00}.";
        LinePlot plot = new("Mean bits by the price of a bit", description, "price of a bit (logits)", "mean bits", [series]) { Width = PanelWidth };
        return new ReportFigure("Budget", "The price is taken from each tier's logit for every bit it costs; it sets the operating point without training again.", table) { Pictures = [plot] };
    }
}
