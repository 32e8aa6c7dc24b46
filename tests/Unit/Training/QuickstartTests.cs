using System.Globalization;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tests;
using AdaptiveKv.Training;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Torch;
using Params = System.Collections.Generic.Dictionary<string, System.Text.Json.JsonElement>;

namespace AdaptiveKv.Unit.Training;

/// <summary>
/// A dataset of the quickstart (Golden/quickstart.csv, 1,600 rows) and what came of it before training went to Torch, by backpropagation and Adam written by hand: the same first
/// numbers, orders and stopping rule lead to the same place.
/// </summary>
public sealed class QuickstartTests
{
    [Fact]
    public void Twelve_pairs_of_weights_end_where_they_did()
    {
        TorchHere.Require();
        TrainingSet set = Read();
        TrainOptions options = new TrainParams { Lambdas = [3, 10, 30], LatencyWeights = [1, 10, 30, 100], Patience = 20 }.ToOptions();
        Selection selection = Selection.Of(set, options, Costs(set), new Progress<long>(), CancellationToken.None);

        Candidate best = selection.Best;
        LossTerms terms = best.Fit.Best.Validation;
        Assert.Equal((1288, 312), (set.Train.Rows, set.Validation.Rows));
        Assert.Equal((10.0, 1.0, 15), (best.Run.Objective.Lambda, best.Run.Objective.LatencyWeight, best.Fit.Best.Epoch));
        Assert.Equal(2.128494, terms.Total, 1e-4);
        Assert.Equal(1.462199, terms.CrossEntropy, 1e-4);
        Assert.Equal(0.2045053, terms.Latency, 1e-4);
        Assert.Equal(0.046179, terms.Accuracy, 1e-4);
        Assert.Equal(0.6168016, best.Matched.GapClosed, 5e-3);
        Assert.Equal(12, selection.Weights.Count);
        Dictionary<string, double> metrics = TrainingMetrics.Of(set, best, selection.Seeds, Costs(set));
        Assert.Equal((0.37, 0.84), (metrics["gap_closed_low"], metrics["gap_closed_high"]), (expected, actual) =>
            Math.Abs(expected.Item1 - actual.Item1) < 0.03 && Math.Abs(expected.Item2 - actual.Item2) < 0.03);
    }

    // Of then: scales and minima of 16 bits each.
    private static TierCost[] Costs(TrainingSet set) => [.. set.Tiers.Select(tier => new TierCost(tier, tier.NominalBits + (tier.NominalBits < 16 ? 0.5 : 0), null))];

    private static TrainingSet Read()
    {
        string path = Path.Combine(SharedFiles.Repository, "tests", "Unit", "Training", "Golden", "quickstart.csv");
        string[][] lines = [.. File.ReadLines(path).Select(line => line.Split(','))];
        int label = Array.IndexOf(lines[0], "label");
        return TrainingSet.Of(
            [.. lines[0][3..label].Select(SaliencyFeatures.Parse)],
            [.. lines[0][(label + 1)..].Select(name => KvTier.TryParse(name["loss_".Length..], out KvTier tier) ? tier : throw new FormatException(name))],
            lines.Skip(1).Select(line => new LabelledRow(Numbers([.. line[3..label], .. line[(label + 1)..]]), line[2], int.Parse(line[label], CultureInfo.InvariantCulture), line[0])),
            path,
            string.Empty);
    }

    private static float[] Numbers(string[] texts) => [.. texts.Select(text => float.Parse(text, CultureInfo.InvariantCulture))];

    private static System.Text.Json.JsonElement Json(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement;
}
