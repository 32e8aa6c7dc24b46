using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Torch;

namespace AdaptiveKv.Collection;

/// <summary>The stage <c>fisher</c>: what every token, layer, KV head, keys and values are expected to cost in every tier, by a few passes back through the model.</summary>
public static class FisherStage
{
    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "fisher",
        Description = "Find what each tier costs of every token, layer, KV head, keys and values, by gradients of the model's own predictions",
        CodeVersion = 5,
        UsesKernels = true,
        Deps =
        [
            .. CollectionSample.Deps,
            new("tokens", "Tokens with measured costs above 16 bits, of the stage collect: they are compared with, and the scale of each tier is fitted to what their texts lose with all tokens in it") { Optional = true },
        ],
        Outs =
        [
            new("costs", "costs", "A row per token, in Parquet segments") { Segmented = true },
            new("summary", "summary.json", "Mean costs, scales, and how they go with measured ones (JSON)") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<FisherParams>(),
        Check = proposal => CollectionSample.Faults(proposal, proposal.Params.Read<FisherParams>()),
        Items = context => CollectionSample.Count(context, context.Params.Read<FisherParams>()),
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        FisherParams values = context.Params.Read<FisherParams>();
        KvTier[] tiers = values.TriedTiers;
        TorchRuntime.Load();
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        EncodedSample sample = CollectionSample.Read(context, values, model);
        int longest = EncodedItem.Longest(sample.Items, model.Shape.ContextLength).Length;
        IReadOnlyList<MeasuredText> measured = context.Has("tokens")
            ? MeasuredTexts.Read(context.DepSegments("tokens"), model.Sha256, tiers, values.Measured, context.Cancellation)
            : [];
        (KvCacheOptions code, CodeRecord record) = CodeSetup.Best(context.Find("transform"), sinks: 0).For(model);
        int room = measured.Select(text => text.Tokens.Length).Append(longest).Max();
        using TorchLlama teacher = TorchLlama.Open(model.Path, TorchDevice.Parse(values.Device));

        // libtorch keeps to one thread: the same bytes come of however many texts are gone through side by side.
        int threads = teacher.IsOnCpu ? context.Threads ?? Processors.Physical : 1;
        using SideBySide<CostCollector> collectors = new(
            threads, FisherCosts.Bytes(model, room), _ => new(new FisherCosts(teacher, model, code, tiers, values.Samples, room), values.Seed, context.Cancellation));
        IReadOnlyList<(double All, (double Expected, double Measured)[] Tokens)[]> compared = measured.Count == 0 ? [] : Compare(context, measured, collectors);
        CostAgreement?[] agreement = [.. tiers.Select((tier, index) => CostAgreement.Of(tier, [.. compared.Select(text => text[index].Tokens)], values.Seed))];
        double[][] losses = measured.Count == 0 ? [] : Losses(context, measured, model, code, tiers);
        double[] scales = [.. tiers.Select((_, index) => ScaleOf(losses.Sum(text => text[index]), compared.Sum(text => text[index].All)))];
        Dictionary<string, string> provenance = new()
        {
            [TokenCostTable.Model] = model.Sha256,
            [TokenCostTable.Data] = sample.Sha256,
            [TokenCostTable.Transform] = record.TransformSha256 ?? "",
            [TokenCostTable.Window] = values.Window.ToString(CultureInfo.InvariantCulture),
            [TokenCostTable.Layers] = model.CacheShape.Layers.ToString(CultureInfo.InvariantCulture),
            [TokenCostTable.Seed] = values.Seed.ToString(CultureInfo.InvariantCulture),
            [TokenTable.Prompts] = values.Prompts.ToString(),
            ["samples"] = values.Samples.ToString(CultureInfo.InvariantCulture),
            ["scales"] = string.Join(", ", scales.Select(scale => scale.ToString("G6", CultureInfo.InvariantCulture))),
        };
        CollectionSegments segments = new(context, values.Segment, sample.Items, provenance);
        IReadOnlyList<string> written = segments.Write("costs", TokenCostTable.For(tiers), "finding costs", items => collectors.Collect(items, (collector, item) =>
            collector.Collect(item.Item.Id, CollectionSample.TextOf(item), values.CountedOf(item), scales)));
        if (!context.IsShard)
        {
            OutputFile.Write(context.Out("summary"), Summary(written, tiers, scales, agreement));
        }
    }

    private static IReadOnlyList<(double All, (double Expected, double Measured)[] Tokens)[]> Compare(StageContext context, IReadOnlyList<MeasuredText> measured, SideBySide<CostCollector> collectors) =>
        context.Reporter.Track("comparing with measured costs", measured.Count, "texts", progress =>
        {
            int done = 0;
            return collectors.Collect(measured, (collector, text) =>
            {
                (double, (double, double)[])[] found = collector.Compare(text);
                progress.Report(Interlocked.Increment(ref done));
                return found;
            });
        });

    // 1 where nothing was measured, and where nothing is expected to be lost.
    private static double ScaleOf(double lost, double expected) => expected > 0 ? lost / expected : 1;

    // What is expected of single tokens adds up to what a text loses where all of them are coded at once, as policies do it, but for a factor by tier.
    private static double[][] Losses(StageContext context, IReadOnlyList<MeasuredText> measured, LlamaModel model, KvCacheOptions code, KvTier[] tiers)
    {
        WholeTextLosses losses = new(model, code, context.Threads ?? model.DefaultThreads, measured.Max(text => text.Tokens.Length));
        return context.Reporter.Track("fitting the scale", measured.Count, "texts", progress => measured.Index().Select(text =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            double[] found = losses.Of(text.Item.Tokens, text.Item.Counted, tiers);
            progress.Report(text.Index + 1);
            return found;
        }).ToArray());
    }

    private static string Summary(IReadOnlyList<string> segments, KvTier[] tiers, double[] scales, CostAgreement?[] agreement)
    {
        TableReader reader = TableReader.Open(Path.GetDirectoryName(segments[0])!, segments, TokenCostTable.For(tiers));
        JsonObject summary = new()
        {
            ["tokens"] = reader.Metadata.Rows,
            ["tiers"] = new JsonObject(tiers.Select((tier, index) => KeyValuePair.Create<string, JsonNode?>(tier.ToString(), Of(tier, scales[index], agreement[index])))),
        };
        return summary.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";

        JsonObject Of(KvTier tier, double scale, CostAgreement? known)
        {
            JsonObject found = new() { ["mean_cost"] = Rounded(reader.Column<float>(TokenCostTable.Cost(tier).Name).Average(cost => (double)cost)), ["scale"] = Rounded(scale) };
            if (known is not null)
            {
                found["measured"] = new JsonObject
                {
                    ["tokens"] = known.Tokens,
                    ["texts"] = known.Texts,
                    ["spearman"] = Rounded(known.Spearman),
                    ["spearman_low"] = Rounded(known.Low),
                    ["spearman_high"] = Rounded(known.High),
                };
            }

            return found;
        }
    }

    private static double Rounded(double value) => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
