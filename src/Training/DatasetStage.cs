using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Data.Views;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Training.Datasets;
using Microsoft.ML;
using Microsoft.ML.Data;

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
        CodeVersion = 4,
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
        Run = ViewFault.Unwrapped<StageContext>(Run),
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

        if (values.Layers is not [] && (!values.IsByGradients || values.Layers is not [int first, int last] || first > last))
        {
            yield return new("layers", $"is [{string.Join(", ", values.Layers)}] with labels: {values.Labels}: expected the first and the last layer, such as [0, 14], and labels: fisher");
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
        IReadOnlyList<string> paths = context.DepSegments("tokens");
        MLContext ml = new();
        CollectedTokens tokens = new(ml, paths, features, values.IsByExample || values.IsByGradients ? [] : tiers, values.SkipFirst);

        IDataView rows = WithLosses(ml, context, values, tokens, tiers);
        long known = Require(rows, paths[0]);
        double epsilon = values.IsByExample ? 0 : values.Epsilon > 0 ? values.Epsilon : ml.AdaptiveKv().CounterfactualLabels(values.TargetBits).Solve(rows);
        IDataView labelled = values.IsByExample ? rows : ml.AdaptiveKv().CounterfactualLabels(values.TargetBits, epsilon).Fit(rows).Transform(rows);

        List<LabelledToken> dataset = [];
        context.Reporter.Track("labelling tokens", known, "tokens", progress =>
        {
            foreach (LabelledToken token in LabelledToken.Of(ml, labelled))
            {
                context.Cancellation.ThrowIfCancellationRequested();
                dataset.Add(token);
                progress.Report(dataset.Count);
            }

            return dataset.Count;
        });
        DatasetSummary summary = DatasetSummary.Of(dataset, values.Labels, features, tiers, epsilon, tokens.Count - dataset.Count);
        if (summary.Features.FirstOrDefault(feature => feature.Value.Rows == 0).Key is { } missing)
        {
            throw new InvalidDataException($"{paths[0]}: feature '{missing}' has no value in any training row: collect it, or leave it out of the features");
        }

        if (!values.IsByExample && values.Epsilon == 0)
        {
            context.Reporter.Note(string.Create(CultureInfo.InvariantCulture, $"epsilon {epsilon:G4} nats: labels of {summary.LabelBits[DatasetTable.Train]:F2} bits on average"));
        }

        Write(context.Out("dataset"), dataset, DatasetTable.For(features, tiers), new()
        {
            [DatasetTable.LabelKind] = values.Labels,
            [DatasetTable.Model] = tokens.ModelSha256,
            ["epsilon"] = epsilon.ToString("R", CultureInfo.InvariantCulture),
            ["seed"] = values.Seed.ToString(CultureInfo.InvariantCulture),
        });
        OutputFile.Write(context.Out("summary"), JsonSerializer.SerializeToUtf8Bytes(summary, TrainingJson.Default.DatasetSummary));
    }

    // The tokens whose losses are known, parted by item; of labels of whole items with those.
    private static IDataView WithLosses(MLContext ml, StageContext context, DatasetParams values, CollectedTokens tokens, IReadOnlyList<KvTier> tiers)
    {
        ItemOutcomes items = new(context.DepSegments("items"), values.IsByExample ? tiers : [], context.Cancellation);
        foreach (string item in tokens.View.GetColumn<string>(TokenTable.Item.Name).Distinct())
        {
            _ = items[item];
        }

        AdaptiveKvCatalog catalog = ml.AdaptiveKv();
        IEstimator<ITransformer> losses = values.IsByExample ? catalog.ExampleLabels(items, tiers)
            : values.IsByGradients ? catalog.ExpectedLosses(new ExpectedCosts(context.DepSegments("costs"), tiers, tokens.ModelSha256, tokens.ArePrompts, context.Cancellation, values.Layers), tiers)
            : catalog.Losses(values.Tiers);
        IDataView rows = losses.Append(catalog.SplitByItem(values.Validation, (long)values.Seed, TokenTable.Item.Name)).Fit(tokens.View).Transform(tokens.View);
        return ml.Data.FilterRowsByMissingValues(rows, TierColumns.Losses);
    }

    // The number of rows, of which both splits have some.
    private static long Require(IDataView rows, string path)
    {
        Dictionary<string, int> splits = rows.GetColumn<string>(nameof(LabelledToken.Split)).CountBy(split => split).ToDictionary();
        return splits.Count == 0
            ? throw new InvalidDataException($"{path}: no token has labels: collect with counterfactuals for these tiers, find the costs of the same items, or choose other labels")
            : ((string[])[DatasetTable.Train, DatasetTable.Validation]).FirstOrDefault(split => !splits.ContainsKey(split)) is { } absent
            ? throw new InvalidDataException($"{path}: no item falls into the {absent} split: collect more items, or change the share of validation or the seed")
            : splits.Values.Sum();
    }

    private static void Write(string path, IReadOnlyList<LabelledToken> dataset, TableSchema schema, Dictionary<string, string> provenance)
    {
        using TableWriter writer = new(path, schema, provenance);
        foreach (LabelledToken row in dataset)
        {
            writer.Add(row.Item).Add(row.Position).Add(row.Split);
            foreach (float feature in row.Features)
            {
                _ = float.IsFinite(feature) ? writer.Add(feature) : writer.AddNull();
            }

            writer.Add((int)row.Label - 1);
            foreach (float loss in row.Losses)
            {
                writer.Add(loss);
            }

            writer.EndRow();
        }

        writer.Complete();
    }
}
