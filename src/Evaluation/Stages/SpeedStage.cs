using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The stage <c>speed</c>: milliseconds per decoded token by depth and policy. The only stage whose outs are times, and so do not repeat to the byte.</summary>
public static class SpeedStage
{
    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "speed",
        Description = "Time decoding and prompts under policies on this machine",
        CodeVersion = 1,
        UsesKernels = true,
        Deps =
        [
            new("model", "A .gguf file"),
            new("transform", "The cache's transform, of the stage calibrate; without it the code is Hadamard and clip") { Optional = true },
            ControllerDeps.Main,
        ],
        Outs = [new("speed", "speed.json", "Every record, summaries, the machine (JSON)")],
        Params =
        [
            StageParam.Text("policies", "static-16,static-8,static-4,static-2", "Comma-separated names"),
            StageParam.Integers("depths", [128, 1024], "Tokens in the cache when decoding is timed") with { Minimum = 1, Maximum = SpeedSettings.MostTokens, LeastCount = 1, Unit = "tokens" },
            StageParam.Integer("prefill", 512, "Tokens of the prompt whose reading is timed") with { Minimum = 1, Maximum = SpeedSettings.MostTokens, Unit = "tokens" },
            StageParam.Integer("tokens", 32, "Tokens decoded at each depth, timed one by one") with { Minimum = 1, Maximum = SpeedSettings.MostTokens, Unit = "tokens" },
            StageParam.Integer("repeats", 3, "How often everything is measured") with { Minimum = 1, Maximum = SpeedSettings.MostRepeats },
            StageParam.Integer("sinks", 1, "First tokens that every policy keeps at 16 bits") with { Minimum = 0, Maximum = PolicyCatalog.MostKept, Unit = "tokens" },
            StageParam.Seed("Of the tokens that are read"),
        ],
        Check = Faults,
        Run = Run,
    };

    private static IEnumerable<ParamFault> Faults(StageProposal proposal)
    {
        string? model = proposal.File("model");
        ParamValues values = proposal.Params;
        (string Param, long Tokens)[] sequences = [("depths", values.Integers("depths").Max() + values.Integer("tokens")), ("prefill", values.Integer("prefill"))];
        return
        [
            .. ControllerDeps.Faults(proposal),
            .. from sequence in sequences
               let problem = model is null ? null : ModelFormats.ContextProblem(model, sequence.Tokens)
               where problem is not null
               select new ParamFault(sequence.Param, problem),
        ];
    }

    private static void Run(StageContext context)
    {
        foreach (string fault in SpeedConditions.Faults)
        {
            context.Reporter.Note($"warning: {fault}; these times say nothing about the engine");
        }

        int sinks = (int)context.Params.Integer("sinks");
        Dictionary<string, Controller> controllers = ControllerDeps.Read(context, ControllerDeps.Main).Controllers();
        IReadOnlyList<PrecisionPolicy> policies = PolicyCatalog.Parse(context.Params.Text("policies"), sinks, 0, controllers);
        ControllerDeps.NoteIdle(context, policies, controllers.Keys);
        SpeedSettings settings = new(
            [.. context.Params.Integers("depths").Select(depth => (int)depth).Distinct().Order()],
            (int)context.Params.Integer("prefill"),
            (int)context.Params.Integer("tokens"),
            (int)context.Params.Integer("repeats"));
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        TokenIds ids = TokenIds.Draw(settings.LongestSequence, model.Shape.Vocabulary, (ulong)context.Params.Integer("seed"));
        (KvCacheOptions code, CodeRecord record) = CodeSetup.Best(context.Has("transform") ? context.Dep("transform") : null, sinks).For(model);
        SpeedBenchmark benchmark = new(model, settings, ids, new EngineSetup(model.DefaultThreads, code), context.Time);
        SpeedResult result = context.Reporter.Track($"timing {policies.Count} policies", benchmark.TotalTokens(policies.Count), "tokens", progress =>
            benchmark.Run(policies, progress, context.Cancellation));
        RunRecord run = RunRecord.Of(model, ids.Name, ids.Sha256, CacheMode.Decode, record, model.DefaultThreads);
        OutputFile.Write(context.Out("speed"), ReportJson.Text(SpeedReport.Of(run, settings, result)) + "\n");
    }
}
