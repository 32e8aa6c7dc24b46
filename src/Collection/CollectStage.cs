using System.Globalization;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
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
        CodeVersion = 5,
        UsesKernels = true,
        Deps =
        [
            new("model", "A .gguf file"),
            new("data", "Items: JSON lines (ours, HellaSwag's, ARC's) or llama.cpp's HellaSwag text; or a plain text, whose windows are items without wrong endings"),
            new("shot_items", "Items that shots are taken from, such as those of the training split; without it those of 'data' that the sample leaves over") { Optional = true },
            new("transform", "The cache's transform, of the stage calibrate; without it the code is Hadamard and clip") { Optional = true },
            new("corpus", "A text or items whose tokens are counted for rarity; the contexts of the data by default") { Optional = true },
        ],
        Outs =
        [
            new("tokens", "tokens", "A row per token, in Parquet segments") { Segmented = true },
            new("items", "items", "A row per item, in Parquet segments") { Segmented = true },
            new("rarity", "rarity.safetensors", "How rare each token of the vocabulary is (safetensors)"),
            new("summary", "summary.json", "Counts and the teacher's accuracy (JSON)") { IsMetrics = true },
        ],
        Params =
        [
            StageParam.Integer("limit", 0, "Random sample of items; 0 takes all") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("skip", 0, "Items of the same random order that are left out first, for a sample apart from another one's") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("window", 256, "Length of the windows of a plain text") with { Minimum = 2, Unit = "tokens" },
            StageParam.Seed("Of the samples of items and tokens"),
            StageParam.Integer("shots", 0, "Questions with their right endings before every item, the same for all: the last of the random order") with { Minimum = 0, Unit = "items" },
            StageParam.Integer("segment", 25, "Items of a segment: what a kill can cost") with { Minimum = 1, Unit = "items" },
            StageParam.Integer("sinks", 1, "First tokens that every coded run keeps at 16 bits") with { Minimum = 0, Maximum = PolicyCatalog.MostKept, Unit = "tokens" },
            StageParam.Integer("samples", 0, "Tokens of each item whose counterfactual cost is measured for every tier") with { Minimum = 0, Unit = "tokens" },
            StageParam.Texts("tiers", ["2", "4", "8", "16"], "The tiers that are tried on such a token: those that a dataset will choose from") with { Unit = "bits", LeastCount = 1, Check = name => Tier(name) },
            StageParam.Text("operating", "static-4", "Policy of the other tokens meanwhile") with { Check = name => Operating(name, 0) },
        ],
        Check = Faults,
        Metrics = CollectionSummary.Declared,
        Run = Run,
    };

    private static IEnumerable<ParamFault> Faults(StageProposal proposal)
    {
        if (proposal.File("data") is not { } data)
        {
            return [];
        }

        ParamValues values = proposal.Params;
        return
        [
            .. SampleCheck.Faults(data, true, (int)values.Integer("skip"), (int)values.Integer("limit"), (ulong)values.Integer("seed"), (int)values.Integer("shots"), proposal.File("shot_items"))
                .Select(fault => new ParamFault(fault.Number, fault.Problem)),
            .. !ItemFile.IsOne(data) && proposal.File("model") is { } model && ModelFormats.ContextProblem(model, values.Integer("window")) is { } longer ? (ParamFault[])[new("window", longer)] : [],
        ];
    }

    private static void Run(StageContext context)
    {
        ulong seed = (ulong)context.Params.Integer("seed");
        int sinks = (int)context.Params.Integer("sinks");
        CollectionSettings settings = new(
            sinks, (int)context.Params.Integer("samples"), Tiers(context.Params.Texts("tiers")), Operating(context.Params.Text("operating"), sinks), seed);

        using LlamaModel model = LlamaModel.Load(context.Dep("model"), log: context.Reporter.Note);
        EncodedSample sample = EncodedSample.Read(
            context.Dep("data"),
            (int)context.Params.Integer("window"),
            (int)context.Params.Integer("skip"),
            (int)context.Params.Integer("limit"),
            seed,
            text => model.Tokenizer.Encode(text),
            tokens => model.Tokenizer.Decode(tokens),
            Shots.From(context.Has("shot_items") ? context.Dep("shot_items") : null, (int)context.Params.Integer("shots"), seed));
        EncodedItem[] items = sample.Items;
        EncodedItem longest = EncodedItem.Longest(items, model.Shape.ContextLength);
        RarityTable rarity = RarityTable.Of(model.Shape.Vocabulary, Corpus(context, model));
        rarity.Write(context.Out("rarity"), model.Sha256);
        KvCacheOptions code = CodeSetup.Best(context.Has("transform") ? context.Dep("transform") : null, sinks).For(model).Options;
        EngineSetup setup = new(model.DefaultThreads, code);
        Dictionary<string, string> provenance = new()
        {
            ["model_sha256"] = model.Sha256,
            ["data_sha256"] = sample.Sha256,
            ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
            ["operating"] = settings.Operating.Name,
        };
        CollectionSegments segments = new(context, items, provenance);
        IReadOnlyList<string> rows;
        using (ItemCollector collector = new(model, setup, settings, longest))
        {
            rows = segments.Write("items", ItemTable.Schema, "scoring items", (index, writer) => collector.Collect(items[index], writer));
        }

        bool[] correct = CollectionSummary.Correct(rows);
        IReadOnlyList<string> tokens;
        using (TokenCollector collector = new(model, rarity, setup, settings, longest.Length))
        {
            tokens = segments.Write("tokens", TokenTable.Schema, "collecting tokens", (index, writer) => collector.Collect(items[index], correct[index], writer, context.Cancellation));
        }

        OutputFile.Write(context.Out("summary"), CollectionSummary.Of(rows, tokens));
    }

    // In the order of the table's columns, each once.
    private static KvTier[] Tiers(IReadOnlyList<string> names)
    {
        HashSet<KvTier> wanted = [.. names.Select(Tier)];
        return [.. TokenTable.Tiers.Where(wanted.Contains)];
    }

    private static KvTier Tier(string name) =>
        KvTier.TryParse(name, out KvTier tier) && TokenTable.Tiers.Contains(tier) ? tier : throw new FormatException($"'{name}': expected some of {string.Join(", ", TokenTable.Tiers)}");

    private static PrecisionPolicy Operating(string name, int sinks)
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne(name, sinks);
        return policy.LooksAtTokens || policy.Recent > 0
            ? throw new FormatException($"'{name}' looks at tokens: expected a policy by position alone, such as static-4")
            : policy;
    }

    private static IEnumerable<int> Corpus(StageContext context, LlamaModel model)
    {
        string path = context.Dep(context.Has("corpus") ? "corpus" : "data");
        return ItemFile.IsOne(path)
            ? ItemFile.Read(path).Items.SelectMany(item => model.Tokenizer.Encode(item.Context))
            : model.Tokenizer.Encode(TextFile.Read(path).Text);
    }
}
