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

/// <summary>The stage <c>allocate</c>: gives keys and values that lose more at few bits more of a tier's bits, and others fewer: by layer where that was measured, by KV head where gradients say what each loses.</summary>
public static class AllocateStage
{
    private static readonly BitWidth[] Widths = [BitWidth.Two, BitWidth.Three, BitWidth.Four, BitWidth.Eight];

    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "allocate",
        Description = "Find what the keys and values of each layer, or of each KV head, lose at 2, 3, 4 and 8 bits, and spread the bits of tiers over them",
        CodeVersion = 4,
        UsesKernels = true,
        Deps =
        [
            new("model", "A .gguf file"),
            new("data", "A plain text, or items; not what is measured later; without it dep costs says what is lost") { Optional = true },
            new("transform", "The cache's transform, of the stage calibrate"),
            new("costs", "What tokens cost at 2, 3, 4 and 8 bits, of the stage fisher with the same transform: seconds, where measuring takes minutes, and each KV head apart") { Optional = true },
        ],
        Outs =
        [
            new("allocated", "transform.safetensors", "The same transform with the bits of the tiers by layer and KV head (safetensors); for every dep and option 'transform'"),
            new("summary", "summary.json", "The losses by layer or KV head and what was chosen (JSON)") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<AllocateParams>(),
        Check = proposal =>
        {
            AllocateParams values = proposal.Params.Read<AllocateParams>();
            return proposal.Has("data") == proposal.Has("costs")
                ? [new("tokens", $"are read from dep data, and that and dep costs are {(proposal.Has("data") ? "both" : "not")} given: take one of them")]
                : CalibrateStage.Faults(proposal, values.Tokens, values.Window, values.Seed);
        },
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        AllocateParams values = context.Params.Read<AllocateParams>();
        KvTier[] tiers = [.. values.Tiers.Select(AllocateParams.Tier).Distinct()];
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        TransformFile transform = TransformFile.Read(context.Dep("transform"), model);
        (double[][] losses, AllocationRecord record) = context.Has("costs")
            ? LaneCosts.Read(context.DepSegments("costs"), model, transform.Sha256, Widths, values.Sinks, context.Cancellation)
            : Measure(context, values, model);
        PrecisionProfile profile = new([.. tiers.Select(tier => new KeyValuePair<KvTier, KvTier[]>(tier, Allocate(losses, tier, model.CacheShape)))]);
        TransformFile.Write(
            context.Out("allocated"),
            transform.Transform,
            profile,
            model.CacheShape,
            transform.Record with { Allocation = record });
        OutputFile.Write(context.Out("summary"), Summary(losses, profile, record.Tokens, model.CacheShape));
    }

    private static (double[][] Losses, AllocationRecord Record) Measure(StageContext context, AllocateParams values, LlamaModel model)
    {
        if (values.Window > model.Shape.ContextLength)
        {
            throw new ArgumentException($"window {values.Window}: the model's context holds {model.Shape.ContextLength}");
        }

        CalibrationSequences sequences = CalibrationSequences.Draw(
            context.Dep("data"), text => model.Tokenizer.Encode(text), values.Tokens, values.Window, values.Seed);
        LayerSensitivity sensitivity = new(model, CodeSetup.Best(context.Dep("transform"), values.Sinks).For(model).Options, values.Sinks, Widths);
        return (
            context.Reporter.Track("measuring layers", (long)sensitivity.Runs * sequences.Tokens, "tokens", progress =>
                sensitivity.Run(sequences.Sequences, context.Threads, progress, context.Cancellation)),
            new AllocationRecord(sequences.DataSha256, sequences.Tokens, values.Window, values.Seed));
    }

    private static KvTier[] Allocate(double[][] losses, KvTier tier, CacheShape shape)
    {
        BitWidth[] widths = BitAllocation.Of(losses, Widths, (int)(losses.Length * tier.NominalBits));
        return [.. widths.Chunk(2).SelectMany(own => Enumerable.Repeat(new KvTier(own[0], own[1]), LanesPerRow(losses, shape)))];
    }

    // Losses are of layers, whose heads all take the same bits, or of lanes.
    private static int LanesPerRow(double[][] losses, CacheShape shape) => 2 * shape.Lanes / losses.Length;

    private static string Summary(double[][] losses, PrecisionProfile profile, long tokens, CacheShape shape)
    {
        int lanesPerRow = LanesPerRow(losses, shape);
        string rows = lanesPerRow > 1 ? "layers" : "lanes";
        JsonObject summary = new()
        {
            ["tokens"] = tokens,
            ["tiers"] = new JsonObject(profile.Tiers.Select(tier => KeyValuePair.Create<string, JsonNode?>(tier.Key.ToString(), Chosen(tier.Key, [.. tier.Value.Where((_, lane) => lane % lanesPerRow == 0)])))),
            [rows] = new JsonArray([.. losses.Chunk(2).Select(row => new JsonObject { ["keys"] = Of(row[0]), ["values"] = Of(row[1]) })]),
        };
        return summary.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";

        JsonObject Chosen(KvTier tier, KvTier[] chosen) => new()
        {
            ["keys"] = string.Concat(chosen.Select(own => (int)own.Keys)),
            ["values"] = string.Concat(chosen.Select(own => (int)own.Values)),
            ["loss"] = Rounded(chosen.Select((own, row) => Loss(row, own)).Sum()),
            ["loss_uniform"] = Rounded(Enumerable.Range(0, chosen.Length).Sum(row => Loss(row, tier))),
        };

        double Loss(int row, KvTier own) => losses[2 * row][Array.IndexOf(Widths, own.Keys)] + losses[(2 * row) + 1][Array.IndexOf(Widths, own.Values)];
    }

    private static JsonObject Of(double[] losses) => new(losses.Select((loss, width) =>
        KeyValuePair.Create<string, JsonNode?>(((int)Widths[width]).ToString(CultureInfo.InvariantCulture), Rounded(loss))));

    private static double Rounded(double value) => Math.Round(value, 6);
}
