using System.Globalization;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Collection;

/// <summary>The stage <c>collect</c>: the teacher at full precision over items, a row per token and a row per item.</summary>
public static class CollectStage
{
    /// <summary>The stage.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "collect",
        Description = "Run a model at 16 bits over items and log saliency, correctness and what each tier would cost",
        CodeVersion = 9,
        UsesKernels = true,
        Deps =
        [
            .. CollectionSample.Deps,
            new("probe", "A probe of hidden states, of the stage probe, or a controller that has one: what it says is the feature 'probe'") { Optional = true },
            new("corpus", "A text or items whose tokens are counted for rarity; the contexts of the data by default") { Optional = true },
        ],
        Outs =
        [
            new("tokens", "tokens", "A row per token, in Parquet segments") { Segmented = true },
            new("items", "items", "A row per item, in Parquet segments") { Segmented = true },
            new("rarity", "rarity.safetensors", "How rare each token of the vocabulary is (safetensors)"),
            new("summary", "summary.json", "Counts and the teacher's accuracy (JSON)") { IsMetrics = true },
        ],
        Params = ParamRecord.Of<CollectParams>(),
        Check = proposal => CollectionSample.Faults(proposal, proposal.Params.Read<CollectParams>()),
        Metrics = CollectionSummary.Declared,
        Items = context => CollectionSample.Count(context, context.Params.Read<CollectParams>()),
        Run = Run,
    };

    private static void Run(StageContext context)
    {
        CollectParams values = context.Params.Read<CollectParams>();
        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        EncodedSample sample = CollectionSample.Read(context, values, model);
        EncodedItem[] items = sample.Items;
        EncodedItem longest = EncodedItem.Longest(items, model.Shape.ContextLength);
        RarityTable rarity = RarityTable.Of(model.Shape.Vocabulary, Corpus(context, model));
        rarity.Write(context.Out("rarity"), model.Sha256);
        SaliencyNeeds needs = Needs(context, values, model, rarity);
        KvCacheOptions code = CodeSetup.Best(context.Find("transform"), values.Sinks).For(model).Options;
        EngineSetup setup = new(1, code);
        int threads = context.Threads ?? Processors.Physical;
        Dictionary<string, string> provenance = new()
        {
            ["model_sha256"] = model.Sha256,
            ["data_sha256"] = sample.Sha256,
            ["seed"] = values.Seed.ToString(CultureInfo.InvariantCulture),
            [TokenTable.Prompts] = values.Prompts.ToString(),
            ["operating"] = values.OperatingPolicy.Name,
            [TokenTable.HiddenLayer] = values.HiddenLayer.ToString(CultureInfo.InvariantCulture),
        };
        CollectionSegments segments = new(context, values.Segment, items, provenance);
        IReadOnlyList<string> rows;
        using (SideBySide<ItemCollector> collectors = new(threads, ItemCollector.Bytes(model, setup), own => new(model, setup with { Threads = own }, values, longest)))
        {
            rows = segments.Write("items", ItemTable.Schema, "scoring items", items => collectors.Collect(items, (collector, item) => collector.Collect(item)));
        }

        IReadOnlyDictionary<string, bool> correct = CollectionSummary.Correct(rows);
        IReadOnlyList<string> tokens;
        using (SideBySide<TokenCollector> collectors = new(threads, TokenCollector.Bytes(model, longest.Length), own => new(model, needs, setup with { Threads = own }, values, longest.Length)))
        {
            tokens = segments.Write("tokens", TokenTable.For(values.TriedTiers, values.HiddenLayer > 0), "collecting tokens", items =>
                collectors.Collect(items, (collector, item) => collector.Collect(item, correct[item.Item.Id], context.Cancellation)));
        }

        if (!context.IsShard)
        {
            OutputFile.Write(context.Out("summary"), CollectionSummary.Of(rows, tokens, values.TriedTiers));
        }
    }

    private static SaliencyNeeds Needs(StageContext context, CollectParams values, LlamaModel model, RarityTable rarity)
    {
        HiddenProbe? probe = context.Find("probe") is { } path ? ControllerFile.ReadProbe(path) : null;
        if (values.HiddenLayer > model.Shape.Layers || (probe is not null && values.HiddenLayer > 0 && values.HiddenLayer != probe.Layer))
        {
            throw new InvalidDataException(
                $"hidden_layer is {values.HiddenLayer}: expected {(probe is null ? $"1 to {model.Shape.Layers}, the layers of {context.Dep("model")}" : $"{probe.Layer}, the layer of dep probe")}, or 0 to keep no hidden states");
        }

        return new SaliencyNeeds(SaliencyFeatures.All, rarity, SaliencyNeeds.MostTokens) { Probe = probe, HiddenLayer = probe?.Layer ?? values.HiddenLayer };
    }

    private static IEnumerable<int> Corpus(StageContext context, LlamaModel model)
    {
        string path = context.Find("corpus") ?? context.Dep("data");
        return ItemFile.IsOne(path)
            ? ItemFile.Read(path).Items.SelectMany(item => model.Tokenizer.Encode(item.Context))
            : model.Tokenizer.Encode(TextFile.Read(path).Text);
    }
}
