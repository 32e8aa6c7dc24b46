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
            new StageInput("costs", "what each token costs in each tier, from fisher, for labels: fisher") { Optional = true },
        ],
        Outs =
        [
            new StageOutput("dataset", "dataset.parquet", "a row per labelled token, Parquet"),
            new StageOutput("summary", "summary.json", "rows, labels and features in figures, JSON") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<DatasetParams>(),
        Check = Faults,
        Run = Run,
    };

    private static IEnumerable<ParamFault> Faults(StageProposal proposal)
    {
        DatasetParams values = proposal.Params.Read<DatasetParams>();
        if (TierList.Problem(values.Tiers) is { } problem)
        {
            yield return new("tiers", problem);
        }

        if (values.IsByGradients != proposal.Has("costs"))
        {
            yield return new("labels", $"is {values.Labels}, and dep costs is {(values.IsByGradients ? "not " : "")}given: labels: fisher and dep costs, of the stage fisher, go together");
        }

        if (values.IsByGradients)
        {
            foreach (ParamFault fault in Untried(values, proposal, "costs"))
            {
                yield return fault;
            }
        }
        else if (values.IsByExample)
        {
            foreach (string name in values.Tiers.Except(ItemWidths))
            {
                yield return new("tiers", $"'{name}' was not tried on whole items: expected some of {string.Join(", ", ItemWidths)}, or counterfactual labels");
            }
        }
        else if (proposal.Maker("tokens")?.All.TryGetValue("samples", out JsonElement samples) == true)
        {
            if (samples.GetInt64() == 0)
            {
                yield return new("labels", "the stage that makes dep tokens measures no token's cost, as its samples are 0: set them, or take labels: example");
                yield break;
            }

            foreach (ParamFault fault in Untried(values, proposal, "tokens"))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<ParamFault> Untried(DatasetParams values, StageProposal proposal, string dep)
    {
        string[]? known = proposal.Maker(dep)?.All.TryGetValue("tiers", out JsonElement tried) == true ? [.. tried.EnumerateArray().Select(tier => tier.GetString()!)] : null;
        return known is null ? [] : values.Tiers.Except(known).Select(name =>
            new ParamFault("tiers", $"'{name}' is not among the tiers that the stage which makes dep {dep} tries: {string.Join(", ", known)}"));
    }

    private static void Run(StageContext context)
    {
        DatasetParams values = context.Params.Read<DatasetParams>();
        IReadOnlyList<KvTier> tiers = TierList.Parse(values.Tiers);
        SaliencyFeature[] features = [.. values.Features.Select(SaliencyFeatures.Parse).Distinct()];
        TokenRows tokens = new(context.DepSegments("tokens"), features, values.IsByExample || values.IsByGradients ? [] : tiers);
        Dataset dataset = Build(context, values, tokens, features, tiers);
        DatasetSummary summary = DatasetSummary.Of(dataset, values.Labels);
        Require(dataset, summary, context.DepSegments("tokens")[0]);
        Write(context.Out("dataset"), dataset, Provenance(values, tokens, dataset));
        OutputFile.Write(context.Out("summary"), JsonSerializer.SerializeToUtf8Bytes(summary, TrainingJson.Default.DatasetSummary));
    }

    private static Dataset Build(StageContext context, DatasetParams values, TokenRows tokens, SaliencyFeature[] features, IReadOnlyList<KvTier> tiers)
    {
        bool example = values.IsByExample;
        ExpectedCosts? costs = values.IsByGradients ? new ExpectedCosts(context.DepSegments("costs"), tiers, tokens.ModelSha256, context.Cancellation) : null;
        IReadOnlyDictionary<string, ItemOutcome> items = ItemOutcomes.Read(context.DepSegments("items"), example ? tiers : [], context.Cancellation);
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
                TokenRow? labelled = row.Position < values.SkipFirst ? null : example ? OfItem(row, item) : costs is not null ? costs.Of(row) : row.Losses.All(float.IsFinite) ? row : null;
                leftOut += labelled is null ? 1 : 0;
                rows.AddRange(labelled is null ? [] : [labelled]);
                progress.Report(++read);
            }

            return read;
        });
        ItemSplit split = new(values.Seed, values.Validation);
        Dataset unlabelled = new(rows, features, tiers, split, 0, leftOut);
        return example ? unlabelled : ByIncrease(unlabelled, values, context.Reporter);
    }

    private static TokenRow? OfItem(TokenRow row, ItemOutcome item) =>
        item.Label is { } label ? row with { Label = label, Losses = [.. item.Kept.Select((_, tier) => item.Loss(tier))] } : null;

    private static Dataset ByIncrease(Dataset dataset, DatasetParams values, IStageReporter reporter)
    {
        double[] bits = [.. dataset.Tiers.Select(tier => tier.NominalBits)];
        double epsilon = values.Epsilon;
        TokenRow[] train = [.. dataset.Of(DatasetTable.Train)];
        if (epsilon == 0 && train.Length > 0)
        {
            epsilon = CounterfactualLabels.Solve(train, bits, values.TargetBits);
            reporter.Note(string.Create(
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
                    ? $"{path}: no token has labels: collect with counterfactuals for these tiers, find the costs of the same items, or choose other labels"
                    : $"{path}: no item falls into the {split} split: collect more items, or change the share of validation or the seed");
            }
        }

        if (summary.Features.FirstOrDefault(feature => feature.Value.Rows == 0).Key is { } missing)
        {
            throw new InvalidDataException($"{path}: feature '{missing}' has no value in any training row: collect it, or leave it out of the features");
        }
    }

    private static Dictionary<string, string> Provenance(DatasetParams values, TokenRows tokens, Dataset dataset) => new()
    {
        [DatasetTable.LabelKind] = values.Labels,
        [DatasetTable.Model] = tokens.ModelSha256,
        ["epsilon"] = dataset.Epsilon.ToString("R", CultureInfo.InvariantCulture),
        ["seed"] = values.Seed.ToString(CultureInfo.InvariantCulture),
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
