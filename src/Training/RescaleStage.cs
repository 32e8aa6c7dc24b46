using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Data.Views;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Transfer;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training;

/// <summary>The stage "rescale": fits a controller that was trained on one model to the tokens of another, without training.</summary>
public static class RescaleStage
{
    // Where the old curve is looked at: what it promises, and what it leads to on the new tokens.
    private static readonly double[] Targets = [3, 3.5, 4.5];

    /// <summary>What pipeline files can use.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "rescale",
        Description = "Fits a controller to another model's tokens: scaling of features, rarity table, budget curve; trains nothing",
        CodeVersion = 3,
        Deps =
        [
            new StageInput("controller", "the controller, from train"),
            new StageInput("tokens", "a row per token of the model it will be used on, from collect"),
            new StageInput("probe", "the probe of hidden states that collect was given; without it a controller keeps its own if the model is its own, else none") { Optional = true },
            new StageInput("rarity", "rarity of that model's tokens, from collect; without it a controller forgets its own") { Optional = true },
        ],
        Outs =
        [
            new StageOutput("rescaled", "controller.safetensors", "the fitted controller, safetensors"),
            new StageOutput("summary", "summary.json", "how far the features lie apart, and what the old budget curve leads to, JSON") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<RescaleParams>(),
        Run = ViewFault.Unwrapped<StageContext>(Run),
    };

    private static void Run(StageContext context)
    {
        RescaleParams values = context.Params.Read<RescaleParams>();
        ControllerFile file = ControllerFile.Read(context.Dep("controller"));
        Controller old = file.Controller;
        IReadOnlyList<string> segments = context.DepSegments("tokens");
        SaliencyFeature[] features = [.. old.Features.Select(scale => scale.Feature)];
        MLContext ml = new();
        CollectedTokens table = new(ml, segments, features, [], values.SkipFirst);
        TargetTokens tokens = new(features, [.. table.View.GetColumn<float[]>("Features")]);
        if (tokens.Count == 0)
        {
            throw new InvalidDataException($"{segments[0]}: no token is left after the first {values.SkipFirst} of each item: collect more, or lower skip_first");
        }

        DecoderTables tables = DecoderTables.Read(context, features, table.ModelSha256 == old.Record.ModelSha256 ? old.Probe : null);
        IReadOnlyList<FeatureScale> scales = [.. features.Select(tokens.Scale)];
        Controller scaled = TrainedController.Of(segments[0], () => new Controller(values.Features ? scales : old.Features, old.Layers, old.Tiers, old.Record with
        {
            Rescaled = new RescaleRecord(file.Sha256, Sha256(segments), table.ModelSha256, tokens.Count, values.Features, tables.Rarity is not null),
        })
        {
            PredictsLoss = old.PredictsLoss,
        });
        BudgetCurve curve = tokens.Measure(scaled);
        ControllerFile.Write(context.Out("rescaled"), new Controller(scaled.Features, scaled.Layers, scaled.Tiers, scaled.Record) { Budget = curve, Rarity = tables.Rarity, Probe = tables.Probe, PredictsLoss = old.PredictsLoss });
        RescaleSummary summary = new(
            tokens.Count,
            PerFeature(old, (scale, i) => (scales[i].Mean - scale.Mean) / scale.Deviation),
            PerFeature(old, (scale, i) => scales[i].Deviation / scale.Deviation),
            BitsBefore(old, tokens));
        OutputFile.Write(context.Out("summary"), JsonSerializer.SerializeToUtf8Bytes(summary, TrainingJson.Default.RescaleSummary));
    }

    private static Dictionary<string, double> PerFeature(Controller old, Func<FeatureScale, int, double> figure) =>
        old.Features.Index().ToDictionary(one => SaliencyFeatures.Name(one.Item.Feature), one => Figure.Round(figure(one.Item, one.Index)));

    // A controller as it is, at the prices its own curve has for a few targets.
    private static Dictionary<string, double> BitsBefore(Controller old, TargetTokens tokens)
    {
        if (old.Budget is not { } own)
        {
            return [];
        }

        BudgetCurve here = tokens.Measure(old);
        return Targets.Where(target => target >= own.Bits[^1] && target <= own.Bits[0]).ToDictionary(
            target => target.ToString(CultureInfo.InvariantCulture), target => Figure.Round(here.BitsAt(own.PriceOf(target))));
    }

    private static string Sha256(IReadOnlyList<string> segments)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in segments)
        {
            hash.AppendData(File.ReadAllBytes(path));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>The params of the stage "rescale".</summary>
internal sealed record RescaleParams
{
    [Param("bring features to the new tokens' mean and deviation; false keeps the controller's own, for comparison")]
    public bool Features { get; init; } = true;

    [Param("first tokens of each item that are left out, as the cache keeps them anyway", Minimum = 0, Unit = "tokens")]
    public int SkipFirst { get; init; } = 1;
}
