using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The stage <c>evaluate</c>: policies side by side on the same items in the quantized decode loop.</summary>
public static class EvaluateStage
{
    // Is raised when the same inputs give other scores: those of a lower one are not taken over.
    private const int ScoreVersion = 9;

    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "evaluate",
        Description = "Compare policies on items: accuracy, divergence from 16 bits, effective bits; against chance at equal bits",
        CodeVersion = 10,
        UsesKernels = true,
        Deps =
        [
            new("model", "A .gguf file"),
            new("data", "Items: JSON lines (ours, HellaSwag's, ARC's) or llama.cpp's HellaSwag text; with 'unit: text' also a plain text"),
            new("shot_items", "Items that shots are taken from, such as those of the training split; without it those of 'data' that the sample leaves over") { Optional = true },
            new("transform", "The cache's transform, of the stage calibrate; without it the code is Hadamard and clip") { Optional = true },
            ControllerDeps.Main,
            .. ControllerDeps.Others,
            new("tokens", "Tokens of the stage collect, for the thresholds of rules") { Optional = true },
            new("baselines", "Scores of another evaluation under the same conditions: policies that it has, learned ones by the same controller, are not run again on the same items") { Optional = true },
            new("oracle", "Tokens of the stage collect with the costs of every token of the evaluated texts: the policy 'oracle' at every target") { Optional = true },
        ],
        Outs =
        [
            new("scores", "scores", "A row per item and policy, in Parquet segments") { Segmented = true },
            new("evaluation", "evaluation.json", "Everything in one document (JSON)"),
            new("metrics", "metrics.json", "The figures by policy (JSON)") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<EvaluateParams>(),
        Check = EvaluationCheck.Faults,
        Metrics = EvaluationMetrics.Declared,
        Items = Count,
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        EvaluateParams values = context.Params.Read<EvaluateParams>();
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        EncodedSample sample = EvaluationItems.Read(context, values, model);
        Dictionary<string, ControllerFile> controllers = ControllerDeps.Read(context, [ControllerDeps.Main, .. ControllerDeps.Others]);
        ArenaPlan plan = ArenaPlan.Of(values, context.Has("tokens") ? feature => Sample(context, feature) : null, controllers.Controllers(), Oracle(context, values.Unit, sample.Items));
        ControllerDeps.NoteIdle(context, plan.Policies, controllers.Keys);
        (KvCacheOptions code, CodeRecord record) = CodeSetup.Best(context.Find("transform"), values.Sinks).For(model);
        ScoreConditions made = Conditions(values, model, sample, record, controllers);
        KnownScores known = KnownScores.Read(context.Has("baselines") ? context.DepSegments("baselines") : [], made);
        List<ItemResult> results = new ArenaScores(context, values.Segment, plan.Policies, sample.Items, made.Provenance).Make(known, model, values.Mode, code);
        if (context.IsShard)
        {
            return;
        }

        IReadOnlyList<PolicySummary> policies = MultipleChoiceEvaluation.Summarize(results);
        EvaluationReport report = new()
        {
            Run = Repeatable(RunRecord.Of(model, context.Dep("data"), sample.Sha256, values.Mode, record, threads: null)),
            Format = sample.Format,
            Seed = values.Seed,
            ItemsInFile = sample.Total,
            ItemsSelected = sample.Total,
            ItemsWanted = sample.Items.Length,
            ItemsDone = sample.Items.Length,
            Policies = policies,
            Unit = values.Unit,
            Shots = sample.Shots.Items.Count,
            Comparisons = plan.Targets.Count > 0 ? EvaluationMetrics.Compare(plan, results) : null,
            EqualMemory = EvaluationMetrics.AtEqualMemory(policies, results),
        };
        if (EvaluationMetrics.Verdict(report) is { Count: > 0 } verdict)
        {
            report = report with { Verdict = verdict };
        }

        OutputFile.Write(context.Out("evaluation"), ReportJson.Text(report) + "\n");
        OutputFile.Write(context.Out("metrics"), EvaluationMetrics.Json(report));
    }

    private static (int Items, int PerSegment) Count(StageContext context)
    {
        EvaluateParams values = context.Params.Read<EvaluateParams>();
        using LlamaModel model = LlamaModel.Load(context.Dep("model"));
        return (EvaluationItems.Read(context, values, model).Items.Length, values.Segment);
    }

    private static ScoreConditions Conditions(EvaluateParams values, LlamaModel model, EncodedSample sample, CodeRecord record, Dictionary<string, ControllerFile> controllers) => new(
        new Dictionary<string, string>
        {
            ["code_version"] = ScoreVersion.ToString(CultureInfo.InvariantCulture),
            ["model_sha256"] = model.Sha256,
            ["data_sha256"] = sample.Sha256,
            ["transform_sha256"] = record.TransformSha256 ?? "none",
            ["mode"] = EnumName<CacheMode>.Of(values.Mode),
            ["unit"] = EnumName<EvaluationUnit>.Of(values.Unit),
            ["shots_sha256"] = Hash(sample.Shots.Text),
        },
        controllers.ToDictionary(pair => pair.Key, pair => pair.Value.Sha256));

    // The number of threads changes no byte, so it is not said either.
    private static RunRecord Repeatable(RunRecord run) => run with { Machine = run.Machine with { Cores = null } };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // The costs are of context and right ending; what they would be in another ending nobody measured.
    private static OracleCosts? Oracle(StageContext context, EvaluationUnit unit, EncodedItem[] items)
    {
        if (!context.Has("oracle"))
        {
            return null;
        }

        OracleCosts oracle = OracleCosts.Read(context.DepSegments("oracle"));
        EncodedItem? unknown = unit == EvaluationUnit.Text ? Array.Find(items, item => !oracle.Has(SequenceName.Of(item.Context, item.Endings))) : items[0];
        return unknown is null
            ? oracle
            : throw new InvalidDataException(
                $"{context.DepSegments("oracle")[0]}: item '{unknown.Item.Id}' as it is evaluated is not in it: evaluate with 'unit: text' and the same data, seed, skip and limit as the oracle's tokens were collected with");
    }

    private static float[] Sample(StageContext context, SaliencyFeature feature)
    {
        TableColumn column = TokenTable.Feature(feature);
        return [.. context.DepSegments("tokens").SelectMany(path => TableReader.Open(path, TokenTable.Of(column)).Column<float>(column.Name))];
    }
}
