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
        CodeVersion = 2,
        UsesKernels = true,
        Deps =
        [
            new("model", "A .gguf file"),
            new("transform", "The cache's transform, of the stage calibrate; without it the code is Hadamard and clip") { Optional = true },
            ControllerDeps.Main,
        ],
        Outs = [new("speed", "speed.json", "Every record, summaries, the machine (JSON)")],
        Params = ParamRecord.Of<SpeedParams>(),
        Check = Faults,
        Run = Run,
    };

    private static IEnumerable<ParamFault> Faults(StageProposal proposal)
    {
        string? model = proposal.File("model");
        SpeedParams values = proposal.Params.Read<SpeedParams>();
        (string Param, long Tokens)[] sequences = [("depths", values.Depths.Max() + values.Tokens), ("prefill", values.Prefill)];
        return
        [
            .. ControllerDeps.Faults(proposal, values.Policies, values.Sinks),
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

        SpeedParams values = context.Params.Read<SpeedParams>();
        Dictionary<string, Controller> controllers = ControllerDeps.Read(context, ControllerDeps.Main).Controllers();
        IReadOnlyList<PrecisionPolicy> policies = PolicyCatalog.Parse(values.Policies, values.Sinks, 0, controllers);
        ControllerDeps.NoteIdle(context, policies, controllers.Keys);
        SpeedSettings settings = new([.. values.Depths.Distinct().Order()], values.Prefill, values.Tokens, values.Repeats);
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        TokenIds ids = TokenIds.Draw(settings.LongestSequence, model.Shape.Vocabulary, values.Seed);
        CodeSetup code = CodeSetup.Best(context.Find("transform"), values.Sinks);
        SpeedReport report = SpeedBenchmark.Measure(model, policies, code, settings, ids, context.Threads, context.Reporter, context.Time, context.Cancellation);
        OutputFile.Write(context.Out("speed"), ReportJson.Text(report) + "\n");
    }
}
