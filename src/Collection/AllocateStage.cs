using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The stage <c>allocate</c>: gives layers that lose more at few bits more of a tier's bits, and others fewer.</summary>
public static class AllocateStage
{
    private static readonly BitWidth[] Widths = [BitWidth.Two, BitWidth.Three, BitWidth.Four];

    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "allocate",
        Description = "Measure what each layer's keys and values lose at 2, 3 and 4 bits, and spread the bits of tiers over them",
        CodeVersion = 2,
        UsesKernels = true,
        Deps =
        [
            new("model", "A .gguf file"),
            new("data", "A plain text, or items; not what is measured later"),
            new("transform", "The cache's transform, of the stage calibrate"),
        ],
        Outs =
        [
            new("allocated", "transform.safetensors", "The same transform with the bits of the tiers by layer (safetensors); for every dep and option 'transform'"),
            new("summary", "summary.json", "The losses by layer and what was chosen (JSON)") { IsMetrics = true },
        ],
        Params =
        [
            StageParam.Texts("tiers", ["k3v2", "k4v3"], "Tiers whose bits are spread; on the whole each keeps its own") with { LeastCount = 1, Check = name => Tier(name) },
            StageParam.Integer("tokens", 1024, "Tokens to read") with { Minimum = 1, Unit = "tokens" },
            StageParam.Integer("window", 512, "Most tokens read from an empty cache") with { Minimum = 2, Unit = "tokens" },
            StageParam.Integer("sinks", 1, "First tokens at 16 bits") with { Minimum = 0, Unit = "tokens" },
            StageParam.Seed("Of the draw"),
        ],
        Check = CalibrateStage.Faults,
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        KvTier[] tiers = [.. context.Params.Texts("tiers").Select(Tier).Distinct()];
        int window = (int)context.Params.Integer("window");
        ulong seed = (ulong)context.Params.Integer("seed");
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        if (window > model.Shape.ContextLength)
        {
            throw new ArgumentException($"window {window}: the model's context holds {model.Shape.ContextLength}");
        }

        TransformFile transform = TransformFile.Read(context.Dep("transform"), model);
        CalibrationSequences sequences = CalibrationSequences.Draw(
            context.Dep("data"), text => model.Tokenizer.Encode(text), (int)context.Params.Integer("tokens"), window, seed);
        int sinks = (int)context.Params.Integer("sinks");
        LayerSensitivity sensitivity = new(model, CodeSetup.Best(context.Dep("transform"), sinks).For(model).Options, sinks, Widths);
        double[][] losses = context.Reporter.Track("measuring layers", (long)sensitivity.Runs * sequences.Tokens, "tokens", progress =>
            sensitivity.Run(sequences.Sequences, progress, context.Cancellation));
        PrecisionProfile profile = new([.. tiers.Select(tier => new KeyValuePair<KvTier, KvTier[]>(tier, Allocate(losses, tier)))]);
        TransformFile.Write(
            context.Out("allocated"),
            transform.Transform,
            profile,
            model.CacheShape,
            transform.Record with { Allocation = new AllocationRecord(sequences.DataSha256, sequences.Tokens, window, seed) });
        OutputFile.Write(context.Out("summary"), Summary(losses, profile, sequences.Tokens));
    }

    private static KvTier[] Allocate(double[][] losses, KvTier tier)
    {
        BitWidth[] widths = BitAllocation.Of(losses, Widths, (int)(losses.Length * tier.NominalBits));
        return [.. widths.Chunk(2).Select(own => new KvTier(own[0], own[1]))];
    }

    private static KvTier Tier(string name) =>
        KvTier.TryParse(name, out KvTier tier) && tier.NominalBits is >= 2 and <= 4
            ? tier
            : throw new FormatException($"'{name}': expected tiers of 2 to 4 bits in the mean, such as k3v2");

    private static string Summary(double[][] losses, PrecisionProfile profile, int tokens)
    {
        JsonObject summary = new()
        {
            ["tokens"] = tokens,
            ["tiers"] = new JsonObject(profile.Tiers.Select(tier => KeyValuePair.Create<string, JsonNode?>(tier.Key.ToString(), new JsonObject
            {
                ["keys"] = string.Concat(tier.Value.Select(own => (int)own.Keys)),
                ["values"] = string.Concat(tier.Value.Select(own => (int)own.Values)),
                ["loss"] = Rounded(tier.Value.Select((own, layer) => Loss(layer, own)).Sum()),
                ["loss_uniform"] = Rounded(Enumerable.Range(0, tier.Value.Length).Sum(layer => Loss(layer, tier.Key))),
            }))),
            ["layers"] = new JsonArray([.. losses.Chunk(2).Select(layer => new JsonObject { ["keys"] = Of(layer[0]), ["values"] = Of(layer[1]) })]),
        };
        return summary.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";

        double Loss(int layer, KvTier own) => losses[2 * layer][Array.IndexOf(Widths, own.Keys)] + losses[(2 * layer) + 1][Array.IndexOf(Widths, own.Values)];
    }

    private static JsonObject Of(double[] losses) => new(losses.Select((loss, width) =>
        KeyValuePair.Create<string, JsonNode?>(((int)Widths[width]).ToString(CultureInfo.InvariantCulture), Rounded(loss))));

    private static double Rounded(double value) => Math.Round(value, 6);
}
