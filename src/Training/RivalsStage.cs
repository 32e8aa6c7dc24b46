using System.Text;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Data.Views;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Training.Rivals;

namespace AdaptiveKv.Training;

/// <summary>The stage "rivals": what a controller is worth beside ML.NET's own trainers on the same rows, at equal bits.</summary>
public static class RivalsStage
{
    /// <summary>How the controller is named among the rivals.</summary>
    internal const string Controller = "controller";

    /// <summary>What pipeline files can use.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "rivals",
        Description = "Trains FastTree, LbfgsMaximumEntropy and LightGbm of ML.NET on a dataset and compares a controller with them at equal bits",
        CodeVersion = 1,
        UsesKernels = true,
        Deps =
        [
            new StageInput("dataset", "labelled rows, from dataset"),
            new StageInput(Controller, "the controller, from train on the same dataset"),
        ],
        Outs =
        [
            new StageOutput("metrics", "metrics.json", "figures on the validation split, JSON") { IsMetrics = true },
            new StageOutput("table", "rivals.md", "the same as a table, Markdown"),
        ],
        Params = ParamRecord.Of<RivalsParams>(),
        Metrics = RivalFigures.Declared,
        Run = ViewFault.Unwrapped<StageContext>(Run),
    };

    private static void Run(StageContext context)
    {
        string path = context.Dep("dataset");
        int seed = context.Params.Read<RivalsParams>().Seed;
        TrainingSet set = TrainingSet.Read(path, context.Cancellation);
        Controller controller = ControllerFile.Read(context.Dep(Controller)).Controller;
        Require(controller, set, context.Dep(Controller), path);
        RivalRows rows = new(path, set, seed);
        ItemResamples resamples = new(set.Validation, (ulong)seed);
        double[] bits = [.. controller.Tiers.Select(tier => tier.Bits)];
        List<Standing> standings = [Standing.Of(Controller, Logits(controller, rows), !controller.PredictsLoss, set, bits, resamples)];
        Dictionary<string, string> absent = [];
        context.Reporter.Track("training", Rival.All.Count, "trainers", progress =>
        {
            foreach ((int done, Rival rival) in Rival.All.Index())
            {
                context.Cancellation.ThrowIfCancellationRequested();
                try
                {
                    standings.Add(Standing.Of(rival.Name, rows.LogProbabilities(rival), true, set, bits, resamples));
                }
                catch (DllNotFoundException exception)
                {
                    absent.Add(rival.Name, exception.Message.ReplaceLineEndings("\n").Split('\n')[0]);
                    context.Reporter.Note($"{rival.Name} is left out: {absent[rival.Name]}");
                }

                progress.Report(done + 1);
            }

            return standings.Count;
        });
        OutputFile.Write(context.Out("metrics"), JsonSerializer.SerializeToUtf8Bytes(RivalFigures.Of(standings), TrainingJson.Default.DictionaryStringDouble));
        OutputFile.Write(context.Out("table"), Encoding.UTF8.GetBytes(RivalsTable.Of(set, standings, absent, resamples.Items, seed)));
    }

    private static void Require(Controller controller, TrainingSet set, string path, string dataset)
    {
        string chosen = string.Join(", ", controller.Tiers.Select(cost => cost.Tier)), labelled = string.Join(", ", set.Tiers);
        if (chosen != labelled)
        {
            throw new InvalidDataException($"{path}: chooses from {chosen} bits, and {dataset} has labels of {labelled}: give the dataset that it was trained on");
        }

        foreach (FeatureScale scale in controller.Features.Where(scale => set.Features.All(known => known.Feature != scale.Feature)))
        {
            throw new InvalidDataException($"{path}: reads the feature '{SaliencyFeatures.Name(scale.Feature)}', which {dataset} does not have: give the dataset that it was trained on");
        }
    }

    private static float[] Logits(Controller controller, RivalRows rows)
    {
        (IReadOnlyList<string> names, IEnumerable<float[]> collected) = rows.Collected();
        SaliencyFeature[] features = [.. names.Select(SaliencyFeatures.Parse)];
        float[] saliency = [.. SaliencyFeatures.All.Select(_ => float.NaN)], logits = new float[controller.Tiers.Count];
        return [.. collected.SelectMany(row =>
        {
            foreach ((int place, SaliencyFeature feature) in features.Index())
            {
                saliency[(int)feature] = row[place];
            }

            controller.Logits(saliency, logits);
            return logits.ToArray();
        })];
    }
}

/// <summary>The params of the stage "rivals".</summary>
internal sealed record RivalsParams
{
    [Param("of the trainers and of the resamples of items", Minimum = 0, Maximum = int.MaxValue)]
    public int Seed { get; init; } = 42;
}
