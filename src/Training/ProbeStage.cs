using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Torch;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Probing;

namespace AdaptiveKv.Training;

/// <summary>The stage "probe": from hidden states and costs of tokens to a linear probe, by ridge regression. Let the controller learn from other items, which the probe has not seen: it would trust it too much.</summary>
public static class ProbeStage
{
    // In variances of the inputs.
    private static readonly double[] Penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

    /// <summary>What pipeline files can use.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "probe",
        Description = "Fits a linear probe: what a token's hidden state says of what the token costs",
        CodeVersion = 2,
        Deps =
        [
            new StageInput("tokens", "a row per token, from collect with hidden_layer"),
            new StageInput("costs", "what each of these tokens costs in each tier, from fisher"),
        ],
        Outs =
        [
            new StageOutput("probe", "probe.safetensors", "the probe, safetensors"),
            new StageOutput("summary", "summary.json", "how much of the costs' logarithms it explains on items that it has not seen, JSON") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<ProbeParams>(),
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        ProbeParams values = context.Params.Read<ProbeParams>();
        TorchRuntime.Load();
        IReadOnlyList<string> paths = context.DepSegments("tokens");
        TableMetadata table = TableReader.Open(paths[0], paths, TokenTable.Of(TokenTable.Item)).Metadata;
        string model = table.Provenance.GetValueOrDefault("model_sha256") ?? string.Empty;
        int layer = int.Parse(table.Provenance.GetValueOrDefault(TokenTable.HiddenLayer) ?? "0", CultureInfo.InvariantCulture);
        if (layer == 0)
        {
            throw new InvalidDataException($"{paths[0]}: it has no hidden states, or those of several layers: collect with one hidden_layer above 0");
        }

        ExpectedCosts costs = new(context.DepSegments("costs"), [.. values.Tiers.Select(TierList.Tier)], model, TokenTable.ArePrompts(table.Provenance), context.Cancellation);
        ProbeRows? read = null;
        context.Reporter.Track("reading hidden states", table.Rows, "tokens", progress => read = new ProbeRows(paths, costs, values.Folds, values.SkipFirst, progress, context.Cancellation));
        using ProbeRows rows = read!;
        if (rows.Folds.Count < 2)
        {
            throw new InvalidDataException($"{paths[0]}: {rows.Items} items have hidden states and costs: expected two at least, and costs of the same items");
        }

        (double lambda, double explained) = Penalties.Select(penalty => (penalty, Explained(rows.Folds, penalty))).MaxBy(tried => tried.Item2);
        using RidgeSums all = Sum(rows.Folds);
        (double[] weights, double bias) = all.Fit(lambda);
        new HiddenProbe(layer, [.. weights.Select(weight => (float)weight)], (float)bias).Write(context.Out("probe"), model);
        context.Reporter.Note(string.Create(CultureInfo.InvariantCulture, $"layer {layer}: {100 * explained:F0} % of the variance of the costs' logarithms on items that the probe has not seen"));
        ProbeSummary summary = new(all.Rows, rows.Items, layer, rows.Width, lambda, Figure.Round(explained));
        OutputFile.Write(context.Out("summary"), JsonSerializer.SerializeToUtf8Bytes(summary, TrainingJson.Default.ProbeSummary));
    }

    // Share of the variance that probes of the other folds explain of each.
    private static double Explained(IReadOnlyList<RidgeSums> folds, double penalty)
    {
        double errors = 0;
        foreach (RidgeSums left in folds)
        {
            using RidgeSums others = Sum(folds.Where(fold => fold != left));
            (double[] weights, double bias) = others.Fit(penalty);
            errors += left.Errors(weights, bias);
        }

        using RidgeSums all = Sum(folds);
        return 1 - (errors / all.Spread);
    }

    private static RidgeSums Sum(IEnumerable<RidgeSums> folds)
    {
        RidgeSums? sum = null;
        foreach (RidgeSums fold in folds)
        {
            (sum ??= new RidgeSums(fold.Width)).Add(fold);
        }

        return sum!;
    }
}

/// <summary>The params of the stage "probe".</summary>
internal sealed record ProbeParams
{
    [Param("the tiers whose costs are predicted, their mean logarithm", Unit = "bits", LeastCount = 1, Check = nameof(Tier))]
    public IReadOnlyList<string> Tiers { get; init; } = ["2", "3", "4"];

    [Param("parts of the items; each is predicted by a probe of the others, to choose the penalty and to judge it", Minimum = 2, Maximum = 20)]
    public int Folds { get; init; } = 5;

    [Param("first tokens of each item that are left out, as the cache keeps them anyway", Minimum = 0, Unit = "tokens")]
    public int SkipFirst { get; init; } = 1;

    private static void Tier(string name) => TierList.Tier(name);
}

/// <summary>What a probe was fitted on, and how well, as a file of metrics.</summary>
/// <param name="Tokens">Tokens.</param>
/// <param name="Items">Items that they are of.</param>
/// <param name="Layer">After which hidden states are read.</param>
/// <param name="Width">Numbers of one.</param>
/// <param name="Lambda">The penalty, in variances of the inputs.</param>
/// <param name="Explained">Share of the variance of the costs' mean logarithm that is explained on items of other folds (R squared).</param>
internal sealed record ProbeSummary(long Tokens, int Items, int Layer, int Width, double Lambda, double Explained);
