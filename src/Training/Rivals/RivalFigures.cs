using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training.Rivals;

/// <summary>The figures of a comparison by name: "fast_tree_gap_closed".</summary>
internal static class RivalFigures
{
    private const string GapClosed = "gap_closed";
    private const string Above = "loss_above";
    private const string Accuracy = "label_accuracy";
    private const string LogLoss = "log_loss";
    private const string MatchedLoss = "matched_loss";

    /// <summary>Those of which one value is better.</summary>
    public static IReadOnlyList<StageMetric> Declared { get; } = [.. Rival.All.Select(rival => rival.Name).Prepend(RivalsStage.Controller).SelectMany(name => (StageMetric[])
    [
        new($"{name}_{GapClosed}", Better.More, "share of the way from chance to the best choices, at the labels' bits"),
        new($"{name}_{MatchedLoss}", Better.Less, "mean loss of the choices at those bits, nats"),
        new($"{name}_{Accuracy}", Better.More, "share of rows whose likeliest tier is the label"),
        new($"{name}_{LogLoss}", Better.Less, "-log p of the label, nats"),
    ])];

    /// <summary>The figures; the controller comes first.</summary>
    public static Dictionary<string, double> Of(IReadOnlyList<Standing> standings)
    {
        Dictionary<string, double> figures = [];
        foreach (Standing standing in standings)
        {
            Add(standing, MatchedLoss, standing.Matched.Loss, standing.LossRange);
            if (standing != standings[0])
            {
                Add(standing, Above, standing.Matched.Loss - standings[0].Matched.Loss, standing.Above(standings[0]));
            }

            Add(standing, GapClosed, standing.Matched.GapClosed, standing.GapRange);
            Add(standing, Accuracy, standing.Accuracy, standing.AccuracyRange);
            if (standing.LogLoss is { } logLoss)
            {
                Add(standing, LogLoss, logLoss);
            }
        }

        return figures;

        void Add(Standing standing, string name, double value, Interval? range = null)
        {
            figures.Add($"{standing.Name}_{name}", Figure.Round(value));
            if (range is { } ends)
            {
                figures.Add($"{standing.Name}_{name}_low", Figure.Round(ends.Low));
                figures.Add($"{standing.Name}_{name}_high", Figure.Round(ends.High));
            }
        }
    }
}
