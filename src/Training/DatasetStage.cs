using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training;

/// <summary>The stage "dataset": from collected tokens to labelled rows, split by item.</summary>
public static class DatasetStage
{
    private const string Example = "example";
    private const string Counterfactual = "counterfactual";

    // Those that collect scores whole items with.
    private static readonly string[] ItemWidths = ["2", "4", "8", "16"];

    /// <summary>What pipeline files can use.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "dataset",
        Description = "Labels collected tokens and splits them by item",
        CodeVersion = 3,
        Deps =
        [
            new StageInput("tokens", "a row per token, from collect"),
            new StageInput("items", "a row per item, from collect"),
        ],
        Outs =
        [
            new StageOutput("dataset", "dataset.parquet", "a row per labelled token, Parquet"),
            new StageOutput("summary", "summary.json", "rows, labels and features in figures, JSON") { IsMetrics = true },
        ],
        Params =
        [
            StageParam.Text("labels", Counterfactual, "example: what its item needs as a whole, as published; counterfactual: what it needs alone")
                with { Choices = [Example, Counterfactual] },
            StageParam.Texts("features", [.. SaliencyFeatures.Published.Select(SaliencyFeatures.Name)], "what the controller will see of a token")
                with { LeastCount = 1, Check = name => SaliencyFeatures.Parse(name) },
            StageParam.Texts("tiers", ["2", "4", "8", "16"], "what it will choose from, fewest first") with { Unit = "bits", LeastCount = 2, Check = name => TierList.Tier(name) },
            StageParam.Number("epsilon", 0, "how much more KL than the dearest tier a counterfactual label allows; 0 solves it from target_bits") with { Minimum = 0, Unit = "nats" },
            StageParam.Number("target_bits", 4, "mean nominal bits of the counterfactual labels of the training split") with { Minimum = 2, Maximum = 16, Unit = "bits" },
            StageParam.Number("validation", 0.2, "share of the items kept for validation") with { Minimum = 0.01, Maximum = 0.9 },
            StageParam.Seed("of the split"),
            StageParam.Integer("skip_first", 1, "first tokens of each item that are left out, as the cache keeps them anyway") with { Minimum = 0, Unit = "tokens" },
        ],
        Check = Faults,
        Run = Run,
    };

    private static IEnumerable<ParamFault> Faults(StageProposal proposal)
    {
        IReadOnlyList<string> names = proposal.Params.Texts("tiers");
        if (TierList.Problem(names) is { } problem)
        {
            yield return new("tiers", problem);
        }

        if (proposal.Params.Text("labels") == Example)
        {
            foreach (string name in names.Except(ItemWidths))
            {
                yield return new("tiers", $"'{name}' was not tried on whole items: expected some of {string.Join(", ", ItemWidths)}, or counterfactual labels");
            }
        }
        else if (proposal.Maker("tokens") is { } maker && maker.Has("tiers"))
        {
            if (maker.Integer("samples") == 0)
            {
                yield return new("labels", "the stage that makes dep tokens measures no token's cost, as its samples are 0: set them, or take labels: example");
                yield break;
            }

            foreach (string name in names.Except(maker.Texts("tiers")))
            {
                yield return new("tiers", $"'{name}' is not among the tiers that the stage which makes dep tokens tries: {string.Join(", ", maker.Texts("tiers"))}");
            }
        }
    }

    private static void Run(StageContext context)
    {
        string labels = context.Params.Text("labels");
        IReadOnlyList<KvTier> tiers = TierList.Parse(context.Params.Texts("tiers"));
        SaliencyFeature[] features = [.. context.Params.Texts("features").Select(SaliencyFeatures.Parse).Distinct()];
        TokenRows tokens = new(context.DepSegments("tokens"), features, labels == Counterfactual ? tiers : []);
        Dataset dataset = Build(context, tokens, features, tiers);
        DatasetSummary summary = DatasetSummary.Of(dataset, labels);
        Require(dataset, summary, context.DepSegments("tokens")[0]);
        Write(context.Out("dataset"), dataset, Provenance(context, labels, tokens, dataset));
        OutputFile.Write(context.Out("summary"), JsonSerializer.SerializeToUtf8Bytes(summary, TrainingJson.Default.DatasetSummary));
    }

    private static Dataset Build(StageContext context, TokenRows tokens, SaliencyFeature[] features, IReadOnlyList<KvTier> tiers)
    {
        bool example = context.Params.Text("labels") == Example;
        IReadOnlyDictionary<string, ItemOutcome> items = ItemOutcomes.Read(context.DepSegments("items"), example ? tiers : [], context.Cancellation);
        long skipped = context.Params.Integer("skip_first");
        List<TokenRow> rows = [];
        long leftOut = 0;
        context.Reporter.Track("labelling tokens", tokens.Count, "tokens", progress =>
        {
            long read = 0;
            foreach (TokenRow row in tokens.Read(context.Cancellation))
            {
                ItemOutcome item = items.TryGetValue(row.Item, out ItemOutcome? outcome)
                    ? outcome
                    : throw new InvalidDataException($"{context.DepSegments("items")[0]}: item '{row.Item}' of the tokens is missing: collect again");
                TokenRow? labelled = row.Position < skipped ? null : example ? OfItem(row, item) : row.Losses.All(float.IsFinite) ? row : null;
                leftOut += labelled is null ? 1 : 0;
                rows.AddRange(labelled is null ? [] : [labelled]);
                progress.Report(++read);
            }

            return read;
        });
        ItemSplit split = new((ulong)context.Params.Integer("seed"), context.Params.Number("validation"));
        Dataset unlabelled = new(rows, features, tiers, split, 0, leftOut);
        return example ? unlabelled : ByIncrease(unlabelled, context);
    }

    private static TokenRow? OfItem(TokenRow row, ItemOutcome item) =>
        item.Label is { } label ? row with { Label = label, Losses = [.. item.Kept.Select((_, tier) => item.Loss(tier))] } : null;

    private static Dataset ByIncrease(Dataset dataset, StageContext context)
    {
        double[] bits = [.. dataset.Tiers.Select(tier => tier.NominalBits)];
        double epsilon = context.Params.Number("epsilon");
        TokenRow[] train = [.. dataset.Of(DatasetTable.Train)];
        if (epsilon == 0 && train.Length > 0)
        {
            epsilon = CounterfactualLabels.Solve(train, bits, context.Params.Number("target_bits"));
            context.Reporter.Note(string.Create(
                CultureInfo.InvariantCulture, $"epsilon {epsilon:G4} nats: labels of {CounterfactualLabels.MeanBits(train, bits, epsilon):F2} bits on average"));
        }

        return dataset with { Epsilon = epsilon, Rows = [.. dataset.Rows.Select(row => row with { Label = CounterfactualLabels.Of(row.Losses, epsilon) })] };
    }

    private static void Require(Dataset dataset, DatasetSummary summary, string path)
    {
        foreach (string split in (string[])[DatasetTable.Train, DatasetTable.Validation])
        {
            if (summary.Rows[split] == 0)
            {
                throw new InvalidDataException(dataset.Rows.Count == 0
                    ? $"{path}: no token has labels: collect with counterfactuals for these tiers, or choose other labels"
                    : $"{path}: no item falls into the {split} split: collect more items, or change the share of validation or the seed");
            }
        }

        if (summary.Features.FirstOrDefault(feature => feature.Value.Rows == 0).Key is { } missing)
        {
            throw new InvalidDataException($"{path}: feature '{missing}' has no value in any training row: collect it, or leave it out of the features");
        }
    }

    private static Dictionary<string, string> Provenance(StageContext context, string labels, TokenRows tokens, Dataset dataset) => new()
    {
        [DatasetTable.LabelKind] = labels,
        [DatasetTable.Model] = tokens.ModelSha256,
        ["epsilon"] = dataset.Epsilon.ToString("R", CultureInfo.InvariantCulture),
        ["seed"] = context.Params.Integer("seed").ToString(CultureInfo.InvariantCulture),
    };

    private static void Write(string path, Dataset dataset, Dictionary<string, string> provenance)
    {
        using TableWriter writer = new(path, DatasetTable.For(dataset.Features, dataset.Tiers), provenance);
        foreach (TokenRow row in dataset.Rows)
        {
            writer.Add(row.Item).Add(row.Position).Add(dataset.Split.Of(row.Item));
            foreach (float feature in row.Features)
            {
                _ = float.IsFinite(feature) ? writer.Add(feature) : writer.AddNull();
            }

            writer.Add(row.Label);
            foreach (float loss in row.Losses)
            {
                writer.Add(loss);
            }

            writer.EndRow();
        }

        writer.Complete();
    }
}
