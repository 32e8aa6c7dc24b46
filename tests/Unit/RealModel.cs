using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit;

/// <summary>
/// SmolLM2-135M and what tests share of it: each arithmetic is loaded once, each policy scores the golden items once. A test that asks for
/// it is skipped, with the reason, where the file is not on the machine.
/// </summary>
public sealed class RealModel : IDisposable
{
    /// <summary>Tokens at the start of <see cref="Text"/> that <see cref="Transform"/> knows nothing of.</summary>
    public const int MeasuredTokens = 4096;

    private readonly Dictionary<Arithmetic, LlamaModel> models = [];
    private readonly Dictionary<(string, CacheMode), List<double[]>> scores = [];
    private List<(EncodedItem Item, double[] Reference)>? items;
    private int[]? text;
    private KvTransform? transform;

    private static string TextPath => SharedFiles.Require("data/wikitext2_valid.txt");

    public LlamaModel this[Arithmetic arithmetic]
    {
        get
        {
            if (!models.TryGetValue(arithmetic, out LlamaModel? model))
            {
                models[arithmetic] = model = LlamaModel.Load(SharedFiles.SmolLm, arithmetic);
            }

            return model;
        }
    }

    /// <summary>The golden HellaSwag items with the references' summed log-likelihoods.</summary>
    public IReadOnlyList<(EncodedItem Item, double[] Reference)> Items => items ??= ReadItems();

    /// <summary>The validation text of WikiText-2.</summary>
    public int[] Text => text ??= this[Arithmetic.Int8].Tokenizer.Encode(TextFile.Read(TextPath).Text);

    /// <summary>The transform that <c>akv calibrate</c> fits, from the text behind <see cref="MeasuredTokens"/>.</summary>
    public KvTransform Transform => transform ??= Calibrate();

    /// <summary>Skips what takes a minute or more, unless AKV_SLOW=1.</summary>
    public static void Slow(bool isSlow, string what) =>
        Assert.SkipWhen(isSlow && Environment.GetEnvironmentVariable("AKV_SLOW") != "1", $"{what} takes a minute or more: set AKV_SLOW=1");

    /// <summary>Summed log-likelihoods of the endings of the first items, int8 arithmetic.</summary>
    public IReadOnlyList<double[]> Scores(string policy, CacheMode mode, int count)
    {
        if (!scores.TryGetValue((policy, mode), out List<double[]>? known))
        {
            scores[(policy, mode)] = known = [];
        }

        using EndingScorer scorer = new(
            this[Arithmetic.Int8], PolicyCatalog.ParseOne(policy), mode, new EngineSetup(Environment.ProcessorCount, new KvCacheOptions()), Items.Max(item => item.Item.Length));
        for (int i = known.Count; i < count; i++)
        {
            known.Add(scorer.Score(Items[i].Item.Context, Items[i].Item.Endings).LogLikelihood);
        }

        return known[..count];
    }

    public void Dispose()
    {
        foreach (LlamaModel model in models.Values)
        {
            model.Dispose();
        }
    }

    private KvTransform Calibrate()
    {
        LlamaModel model = this[Arithmetic.Int8];
        CalibrationSequences sequences = CalibrationSequences.Outside(TextFile.Read(TextPath), Text, [new TextWindow(0, MeasuredTokens, 0)], 2048, 512, seed: 1);
        HeadStatistics statistics = CalibrationPass.Run(model, sequences.Sequences, Environment.ProcessorCount, null, TestContext.Current.CancellationToken);
        return TransformFit.Of(model, statistics, new TransformOptions());
    }

    private List<(EncodedItem Item, double[] Reference)> ReadItems()
    {
        var byId = ItemFile.Read(SharedFiles.Require("data/hellaswag_val.jsonl")).Items.ToDictionary(item => item.Id);
        return
        [
            .. from line in File.ReadLines(SharedFiles.Require("golden/hellaswag_f32.jsonl"))
               let golden = JsonElement.Parse(line)
               let item = EncodedItem.Encode(byId[golden.GetProperty("item").GetRawText()], text => this[Arithmetic.Int8].Tokenizer.Encode(text))
               select (item, golden.GetProperty("log_likelihood").EnumerateArray().Select(value => value.GetDouble()).ToArray()),
        ];
    }
}
