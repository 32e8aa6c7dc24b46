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
    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "evaluate",
        Description = "Compare policies on items: accuracy, divergence from 16 bits, effective bits; against chance at equal bits",
        CodeVersion = 7,
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
        Params =
        [
            StageParam.Text("policies", "static-16,static-8,static-4,static-2", "Comma-separated names"),
            StageParam.Numbers("targets", [], "Effective bits at which chance, rules and controllers are compared with each other") with { Minimum = 2.5, Maximum = 16, Unit = "bits" },
            StageParam.Integer("seeds", 5, "Seeds of chance at every target") with { Minimum = 1 },
            StageParam.Texts("rules", ["entropy"], "Features whose thresholds are compared at every target") with { Check = name => SaliencyFeatures.Parse(name) },
            StageParam.Integers("recent", [0], "Newest tokens at 16 bits: a comparison at every target with each of these windows, behind one of the first controller and of those that look back")
                with { Minimum = 0, Maximum = PolicyCatalog.MostKept, LeastCount = 1, Unit = "tokens" },
            StageParam.Integer("sinks", 1, "First tokens that every policy keeps at 16 bits") with { Minimum = 0, Maximum = PolicyCatalog.MostKept, Unit = "tokens" },
            StageParam.Text("unit", "endings", "What is scored: every ending after its context (accuracy), or context and right ending, or a window of a text, as one text (perplexity)")
                with { Choices = [.. Enum.GetValues<EvaluationUnit>().Select(EnumName<EvaluationUnit>.Of)] },
            StageParam.Integer("window", 256, "Length of the windows of a plain text") with { Minimum = 2, Unit = "tokens" },
            StageParam.Text("mode", "two-pass", "How the cache is filled") with { Choices = [.. Enum.GetValues<CacheMode>().Select(EnumName<CacheMode>.Of)] },
            StageParam.Integer("limit", 0, "Random sample of items; 0 takes all") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("skip", 0, "Items of the same random order that are left out first, for a sample apart from another one's") with { Minimum = 0, Unit = "items" },
            StageParam.Seed("Of the sample of items"),
            StageParam.Integer("shots", 0, "Questions with their right endings before every item, the same for all: the last of the random order") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("segment", 25, "Items of a segment: what a kill can cost") with { Minimum = 1, Unit = "items" },
        ],
        Check = EvaluationCheck.Faults,
        Metrics = EvaluationMetrics.Declared,
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        int sinks = (int)context.Params.Integer("sinks");
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        EvaluationItems items = EvaluationItems.Read(context, model);
        Dictionary<string, ControllerFile> controllers = ControllerDeps.Read(context, [ControllerDeps.Main, .. ControllerDeps.Others]);
        ArenaPlan plan = Plan(context, sinks, items, controllers.Controllers());
        ControllerDeps.NoteIdle(context, plan.Policies, controllers.Keys);
        (KvCacheOptions code, CodeRecord record) = CodeSetup.Best(context.Has("transform") ? context.Dep("transform") : null, sinks).For(model);
        CacheMode mode = Enum.GetValues<CacheMode>().First(value => EnumName<CacheMode>.Of(value) == context.Params.Text("mode"));
        Dictionary<string, string> conditions = new()
        {
            ["code_version"] = Kind.CodeVersion.ToString(CultureInfo.InvariantCulture),
            ["model_sha256"] = model.Sha256,
            ["data_sha256"] = items.Sample.Sha256,
            ["transform_sha256"] = record.TransformSha256 ?? "none",
            ["mode"] = EnumName<CacheMode>.Of(mode),
            ["unit"] = EnumName<EvaluationUnit>.Of(items.Unit),
            ["shots_sha256"] = Hash(items.Sample.Shots.Text),
        };
        ScoreConditions made = new(conditions, controllers.ToDictionary(pair => pair.Key, pair => pair.Value.Sha256));
        KnownScores known = KnownScores.Read(context.Has("baselines") ? context.DepSegments("baselines") : [], made);
        List<ItemResult> results = new ArenaScores(context, plan.Policies, items.Chosen, made.Provenance).Make(known, model, mode, code);

        EvaluationReport report = new(
            Repeatable(RunRecord.Of(model, context.Dep("data"), items.Sample.Sha256, mode, record, threads: null)),
            items.Sample.Format,
            (ulong)context.Params.Integer("seed"),
            items.Sample.Total,
            null,
            items.Sample.Total,
            items.Chosen.Length,
            items.Chosen.Length,
            null,
            null,
            MultipleChoiceEvaluation.Summarize(results))
        {
            Unit = items.Unit,
            Shots = items.Sample.Shots.Items.Count,
            Comparisons = plan.Targets.Count > 0 ? EvaluationMetrics.Compare(plan, results) : null,
        };
        if (EvaluationMetrics.Verdict(report) is { Count: > 0 } verdict)
        {
            report = report with { Verdict = verdict };
        }

        OutputFile.Write(context.Out("evaluation"), ReportJson.Text(report) + "\n");
        OutputFile.Write(context.Out("metrics"), EvaluationMetrics.Json(report));
    }

    // The number of threads changes no byte, so it is not said either.
    private static RunRecord Repeatable(RunRecord run) => run with { Machine = run.Machine with { Cores = null } };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ArenaPlan Plan(StageContext context, int sinks, EvaluationItems items, Dictionary<string, Controller> controllers)
    {
        SaliencyFeature[] rules = [.. context.Params.Texts("rules").Select(SaliencyFeatures.Parse)];
        ArenaOptions options = new(
            context.Params.Text("policies"), context.Params.Numbers("targets"), context.Params.Integers("recent"), (int)context.Params.Integer("seeds"), context.Has("tokens") ? rules : [], sinks);
        return ArenaPlan.Of(options, feature => Sample(context, feature), controllers, Oracle(context, items));
    }

    // The costs are of context and right ending; what they would be in another ending nobody measured.
    private static OracleCosts? Oracle(StageContext context, EvaluationItems items)
    {
        if (!context.Has("oracle"))
        {
            return null;
        }

        OracleCosts oracle = OracleCosts.Read(context.DepSegments("oracle"));
        EncodedItem? unknown = items.Unit == EvaluationUnit.Text ? Array.Find(items.Chosen, item => !oracle.Has(SequenceName.Of(item.Context, item.Endings))) : items.Chosen[0];
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
