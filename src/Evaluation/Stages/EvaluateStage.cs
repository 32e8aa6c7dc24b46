using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Reports;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Scoring;
using AdaptiveKv.Scoring.Tasks;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The stage <c>evaluate</c>: policies side by side on the same items in the quantized decode loop.</summary>
public static class EvaluateStage
{
    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "evaluate",
        Description = "Compare policies on items: accuracy, divergence from 16 bits, effective bits; against chance at equal bits",
        CodeVersion = 2,
        Deps =
        [
            new("model", "A .gguf file"),
            new("data", "Items: JSON lines (ours, HellaSwag's, ARC's) or llama.cpp's HellaSwag text"),
            new("transform", "The cache's transform, of the stage calibrate; without it the code is Hadamard and clip") { Optional = true },
            new("controller", "A controller, of the stage train: the policy 'learned'") { Optional = true },
            new("rival", "Another controller: the policy 'learned:rival'") { Optional = true },
            new("tokens", "Tokens of the stage collect, for the thresholds of rules") { Optional = true },
        ],
        Outs =
        [
            new("scores", "A row per item and policy, in Parquet segments") { Segmented = true },
            new("evaluation", "Everything in one document (JSON)"),
            new("metrics", "The figures by policy (JSON)"),
        ],
        Params =
        [
            StageParam.Text("policies", "static-16,static-8,static-4,static-2", "Comma-separated names"),
            StageParam.Numbers("targets", [], "Effective bits at which chance, rules and controllers are compared with each other") with { Minimum = 2.5, Maximum = 16, Unit = "bits" },
            StageParam.Integer("seeds", 5, "Seeds of chance at every target") with { Minimum = 1 },
            StageParam.Texts("rules", ["entropy"], "Features whose thresholds are compared at every target"),
            StageParam.Integer("sinks", 1, "First tokens that every policy keeps at 16 bits") with { Minimum = 0, Unit = "tokens" },
            StageParam.Text("mode", "two-pass", "How the cache is filled") with { Choices = [.. Enum.GetValues<CacheMode>().Select(EnumName<CacheMode>.Of)] },
            StageParam.Integer("limit", 0, "Random sample of items; 0 takes all") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("skip", 0, "Items of the same random order that are left out first, for a sample apart from another one's") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("seed", 42, "Of the sample of items") with { Minimum = 0 },
            StageParam.Integer("segment", 25, "Items of a segment: what a kill can cost") with { Minimum = 1, Unit = "items" },
        ],
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        ItemFile file = ItemFile.Read(context.Dep("data"));
        ulong seed = (ulong)context.Params.Integer("seed");
        IReadOnlyList<MultipleChoiceItem> chosen = ItemSample.Part(file.Items, (int)context.Params.Integer("skip"), (int)context.Params.Integer("limit"), seed);
        int sinks = (int)context.Params.Integer("sinks");
        ArenaPlan plan = Plan(context, sinks);
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        EncodedItem[] items = [.. chosen.Select(item => EncodedItem.Encode(item, text => model.Tokenizer.Encode(text)))];
        (KvCacheOptions code, CodeRecord record) = CodeSetup.Best(context.Has("transform") ? context.Dep("transform") : null, sinks).For(model);
        CacheMode mode = Enum.GetValues<CacheMode>().First(value => EnumName<CacheMode>.Of(value) == context.Params.Text("mode"));
        using PolicyArena arena = new(model, plan.Policies, mode, new EngineSetup(Environment.ProcessorCount, code), items);
        List<ItemResult> results = [.. Score(context, arena, items).SelectMany(ScoreTable.Read)];

        EvaluationReport report = new(
            Repeatable(RunRecord.Of(model, context.Dep("data"), file.Sha256, mode, record, threads: null)),
            file.Format,
            seed,
            file.Items.Count,
            null,
            file.Items.Count,
            items.Length,
            items.Length,
            null,
            null,
            MultipleChoiceEvaluation.Summarize(results))
        {
            Comparisons = plan.Targets.Count > 0 ? EvaluationMetrics.Compare(plan, results) : null,
        };
        if (EvaluationMetrics.Verdict(report) is { Count: > 0 } verdict)
        {
            report = report with { Verdict = verdict };
        }

        File.WriteAllText(context.Out("evaluation"), ReportJson.Text(report) + "\n");
        File.WriteAllText(context.Out("metrics"), EvaluationMetrics.Json(report));
    }

    // The number of threads changes no byte, so it is not said either.
    private static RunRecord Repeatable(RunRecord run) => run with { Machine = run.Machine with { Cores = null } };

    private static ArenaPlan Plan(StageContext context, int sinks)
    {
        Dictionary<string, Controller> controllers = [];
        if (context.Has("controller"))
        {
            controllers.Add("learned", ControllerFile.Read(context.Dep("controller")).Controller);
        }

        if (context.Has("rival"))
        {
            controllers.Add("learned:rival", ControllerFile.Read(context.Dep("rival")).Controller);
        }

        IReadOnlyList<double> targets = context.Params.Numbers("targets");
        SaliencyFeature[] rules = [.. context.Params.Texts("rules").Select(SaliencyFeatures.Parse)];
        if (!context.Has("tokens"))
        {
            rules = [];
        }

        return ArenaPlan.Of(
            context.Params.Text("policies"), targets, (int)context.Params.Integer("seeds"), rules, feature => Sample(context, feature), sinks, controllers);
    }

    private static float[] Sample(StageContext context, SaliencyFeature feature)
    {
        TableSchema schema = new("tokens", 1, [new(SaliencyFeatures.Name(feature), ColumnType.Float32) { Optional = true }]);
        return [.. context.DepSegments("tokens").SelectMany(path =>
        {
            using TableReader reader = TableReader.Open(path, schema);
            return reader.Column<float>(schema.Columns[0].Name);
        })];
    }

    private static IReadOnlyList<string> Score(StageContext context, PolicyArena arena, EncodedItem[] items)
    {
        SegmentLog log = context.Segments("scores", ".parquet");
        long size = context.Params.Integer("segment");
        return context.Reporter.Track($"scoring items under {arena.Scorings.Count} policies", items.Length, "items", progress =>
        {
            progress.Report(Math.Min(log.Committed * size, items.Length));
            foreach (SegmentRange range in log.Remaining(items.Length, size))
            {
                log.Commit(range, path =>
                {
                    using TableWriter writer = new(path, ScoreTable.Schema);
                    for (int index = (int)range.First; index < range.First + range.Count; index++)
                    {
                        foreach ((string name, EndingScoring score) in arena.Scorings)
                        {
                            context.Cancellation.ThrowIfCancellationRequested();
                            ScoreTable.Add(writer, ItemResult.From(items[index], name, score(items[index].Context, items[index].Endings)));
                        }

                        progress.Report(index + 1);
                    }

                    writer.Complete();
                });
            }

            return log.Paths;
        });
    }
}
