using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The stage <c>calibrate</c>: fits the transform in which a model's keys and values are coded best.</summary>
public static class CalibrateStage
{
    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "calibrate",
        Description = "Fit the cache's transform (means and balancers of keys, per layer and KV head) to some text",
        CodeVersion = 3,
        UsesKernels = true,
        Deps = [new("model", "A .gguf file"), new("data", "A plain text, or items; not what is measured later")],
        Outs = [new("transform", "transform.safetensors", "The transform (safetensors)")],
        Params = ParamRecord.Of<CalibrateParams>(),
        Check = proposal =>
        {
            CalibrateParams values = proposal.Params.Read<CalibrateParams>();
            return values.Options == new TransformOptions(false, false, false)
                ? [new("center", "is false, as all of balance, rotate and balance_values: nothing of the transform is left: leave one out")]
                : Faults(proposal, values.Tokens, values.Window, values.Seed);
        },
        Run = Run,
    };

    /// <summary>What is wrong with the numbers of a calibration.</summary>
    internal static IEnumerable<ParamFault> Faults(StageProposal proposal, int tokens, int window, ulong seed)
    {
        if (proposal.File("model") is not { } model)
        {
            return [];
        }

        if (ModelFormats.ContextProblem(model, window) is { } problem)
        {
            return [new("window", problem)];
        }

        if (proposal.File("data") is not { } data)
        {
            return [];
        }

        _ = ItemFile.IsOne(data) ? ItemFile.Read(data).Path : TextFile.Read(data).Path;
        try
        {
            using ModelSource source = ModelFormats.Open(model);
            Tokenizer tokenizer = new(source.Vocabulary, model);
            _ = CalibrationSequences.Draw(data, text => tokenizer.Encode(text), tokens, window, seed);
            return [];
        }
        catch (InvalidDataException exception)
        {
            return [new("tokens", exception.Message)];
        }
    }

    private static void Run(StageContext context)
    {
        CalibrateParams values = context.Params.Read<CalibrateParams>();
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        if (values.Window > model.Shape.ContextLength)
        {
            throw new ArgumentException($"window {values.Window}: the model's context holds {model.Shape.ContextLength}");
        }

        CalibrationSequences sequences = CalibrationSequences.Draw(
            context.Dep("data"), text => model.Tokenizer.Encode(text), values.Tokens, values.Window, values.Seed);
        HeadStatistics statistics = context.Reporter.Track("calibrating", sequences.Tokens, "tokens", progress =>
            CalibrationPass.Run(model, sequences.Sequences, context.Threads ?? model.DefaultThreads, progress, context.Cancellation));
        TransformFile.Write(
            context.Out("transform"),
            TransformFit.Of(model, statistics, values.Options),
            PrecisionProfile.Uniform,
            model.CacheShape,
            new CalibrationRecord(model.Sha256, sequences.DataSha256, sequences.Tokens, values.Window, values.Seed, values.Options));
    }
}
