using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Torch;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training;

/// <summary>The stage "train": from a dataset to a controller, by behaviour cloning with a composite loss.</summary>
public static class TrainStage
{
    // From this share on, one tier is all that a controller chooses.
    private const double Collapsed = 0.99;

    /// <summary>What pipeline files can use.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "train",
        Description = "Trains a controller on a dataset",
        CodeVersion = 7,
        Deps =
        [
            new StageInput("dataset", "labelled rows, from dataset"),
            new StageInput("rarity", "rarity of the tokens, from collect") { Optional = true },
            new StageInput("probe", "the probe of hidden states that collect was given, from probe") { Optional = true },
            new StageInput("costs", "what tiers cost on a machine, from akv bench --costs") { Optional = true },
        ],
        Outs =
        [
            new StageOutput("controller", "controller.safetensors", "the controller, safetensors"),
            new StageOutput("history", "training.json", "loss terms by epoch, confusion, calibration, importance, JSON"),
            new StageOutput("metrics", "metrics.json", "figures on the validation split, JSON") { IsMetrics = true },
            new StageOutput("onnx", "controller.onnx", "the controller's network for other programs, ONNX") { Optional = true },
        ],
        Params = ParamRecord.Of<TrainParams>(),
        Check = proposal => proposal.Params.Read<TrainParams>().Faults(),
        Metrics = TrainingMetrics.Declared,
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        TrainOptions options = context.Params.Read<TrainParams>().ToOptions();
        TorchRuntime.Load();
        string path = context.Dep("dataset");
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        TrainingSet set = TrainingSet.Read(path, context.Cancellation);
        IReadOnlyList<TierCost> costs = context.Has("costs")
            ? TierCosts.Read(context.Dep("costs"), set.Tiers)
            : [.. set.Tiers.Select(TierCost.Nominal)];
        DecoderTables tables = DecoderTables.Read(context, [.. set.Features.Select(scale => scale.Feature)]);
        Selection selection = context.Reporter.Track(
            "training", Selection.Passes(options), "epochs", progress => Selection.Of(set, options, costs, progress, context.Cancellation));
        Candidate best = selection.Best;
        IReadOnlyList<FeatureImportance> importance = [.. set.Features.Select((scale, i) =>
            Permutation.ImportanceOf(best.Fit.Network, set.Validation, best.Run.Objective, scale.Feature, i, best.Run.Seed, context.Cancellation))];
        Dictionary<string, double> metrics = TrainingMetrics.Of(set, best, selection.Seeds, costs);
        foreach (KvTier tier in set.Tiers.Where(tier => metrics[$"{TrainingMetrics.Share}{tier}"] >= Collapsed))
        {
            context.Reporter.Note(
                $"nearly all choices are {tier} bits: without a budget the controller has collapsed; change latency_weight or lambda, or set one");
        }

        Controller controller = TrainedController.Of(context.Dep("dataset"), () => selection.ToController(set, costs, tables.Rarity, tables.Probe, hash, metrics));
        ControllerFile.Write(context.Out("controller"), controller);
        if (context.Wants("onnx"))
        {
            ControllerOnnx.Write(context.Out("onnx"), controller);
        }

        TrainingLog history = TrainingHistory.Of(set, selection, importance, hash);
        OutputFile.Write(context.Out("history"), JsonSerializer.SerializeToUtf8Bytes(history, TrainingLog.Json));
        OutputFile.Write(context.Out("metrics"), JsonSerializer.SerializeToUtf8Bytes(metrics, TrainingJson.Default.DictionaryStringDouble));
    }
}
