using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The embedded model, as GGUF file and as Hugging Face folder, against PyTorch in float32 on the float16 weights (golden.json, four decimals).</summary>
[Trait("Category", "Kernels")]
public sealed class MicroGoldenTests
{
    private static readonly JsonElement Golden = JsonElement.Parse(File.ReadAllText(Path.Combine(SharedFiles.Micro, "golden.json")));

    /// <summary>The scalar kernels are slow: a few items show what they have to.</summary>
    private static readonly int Items = Vector256.IsHardwareAccelerated ? 100 : 4;

    // The GGUF file keeps its norms in float32, the references have them in float16: tight with those rounded, near as they are.
    // int8: weights go from float16 to 8 bits on load, which costs more than the activations' 16-bit codes.
    public static TheoryData<string, Arithmetic, string, double> Cases =>
    [
        ("hf", Arithmetic.Float, "static-32", 2e-4),
        ("rounded norms", Arithmetic.Float, "static-32", 2e-4),
        ("micro-ledger.gguf", Arithmetic.Float, "static-32", 0.02),
        ("hf", Arithmetic.Int8, "static-16", 0.3),
        ("micro-ledger.gguf", Arithmetic.Int8, "static-16", 0.3),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_likelihoods_of_endings_are_the_references(string file, Arithmetic arithmetic, string policy, double tolerance)
    {
        using LlamaModel model = Load(file, arithmetic);
        using EndingScorer scorer = new(model, PolicyCatalog.ParseOne(policy), CacheMode.TwoPass, new EngineSetup(2, new KvCacheOptions()), 256);
        IReadOnlyList<MultipleChoiceItem> items = ItemFile.Read(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Items;
        double worst = 0;
        foreach (JsonElement golden in Golden.GetProperty("items").EnumerateArray().Take(Items))
        {
            EncodedItem item = EncodedItem.Encode(items[golden.GetProperty("item").GetInt32()], text => model.Tokenizer.Encode(text));
            double[] expected = [.. golden.GetProperty("log_likelihood").EnumerateArray().Select(value => value.GetDouble())];

            double[] actual = scorer.Score(item.Context, item.Endings).LogLikelihood;

            Assert.Equal(Array.IndexOf(expected, expected.Max()), Array.IndexOf(actual, actual.Max()));
            worst = Math.Max(worst, expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{file}, {arithmetic}: worst of {Items} items {worst:G3}");
        Assert.InRange(worst, 0, tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Top_logits_are_the_references(string file, Arithmetic arithmetic, string policy, double tolerance)
    {
        using LlamaModel model = Load(file, arithmetic);
        BitWidth staging = PolicyCatalog.ParseOne(policy).Staging;
        using Session session = new(model, new SessionOptions { Threads = 2, Cache = new KvCacheOptions { MaxTokens = 256, Staging = staging } });
        double worst = 0;
        foreach (JsonElement prompt in Golden.GetProperty("prompts").EnumerateArray())
        {
            int[] tokens = [.. prompt.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())];
            Assert.Equal(tokens, model.Tokenizer.Encode(prompt.GetProperty("text").GetString()!));
            session.Cache.Truncate(0);
            session.Prefill(tokens);
            session.VisitLogits(tokens.Length - 1, 1, (_, logits) =>
            {
                foreach (JsonElement top in prompt.GetProperty("top").EnumerateArray())
                {
                    worst = Math.Max(worst, Math.Abs(logits[top[0].GetInt32()] - top[1].GetDouble()));
                }
            });
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{file}, {arithmetic}: worst logit {worst:G3}");
        Assert.InRange(worst, 0, tolerance);
    }

    private static LlamaModel Load(string file, Arithmetic arithmetic)
    {
        if (file != "rounded norms")
        {
            return LlamaModel.Load(Path.Combine(SharedFiles.Micro, file), arithmetic);
        }

        byte[] gguf = File.ReadAllBytes(SharedFiles.MicroModel);
        using (ModelSource source = ModelFormats.Open(SharedFiles.MicroModel))
        {
            foreach (ModelTensor norm in source.Tensors.Values.Where(tensor => tensor.Type == TensorType.F32))
            {
                byte[] stored = new byte[norm.RowBytes];
                norm.ReadRows(0, 1, stored);
                int place = gguf.AsSpan().IndexOf(stored);
                foreach (ref float weight in MemoryMarshal.Cast<byte, float>(gguf.AsSpan(place, stored.Length)))
                {
                    weight = (float)(Half)weight;
                }
            }
        }

        using TemporaryFolder folder = new();
        return LlamaModel.Load(folder.Write("model.gguf", gguf), arithmetic);
    }
}
