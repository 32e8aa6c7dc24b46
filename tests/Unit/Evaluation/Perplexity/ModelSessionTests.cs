using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

public sealed class ModelSessionTests
{
    /// <summary>Contexts of the micro model's kind; it has no other skill.</summary>
    private static readonly string Ledger = string.Join('\n', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(2));

    [Theory]
    [InlineData("static-32")]
    [InlineData("static-16")]
    [InlineData("static-8")]
    [InlineData("static-4")]
    public void Two_passes_and_decoding_predict_the_same(string policy)
    {
        float[][] decoded = Logits(policy, CacheMode.Decode);
        float[][] batched = Logits(policy, CacheMode.TwoPass);

        Assert.Equal(100, decoded.Length);
        Assert.All(decoded.Zip(batched), pair => Assert.All(pair.First.Zip(pair.Second), logit => Assert.Equal(logit.First, logit.Second, 0.02)));
    }

    /// <summary>In prefill mode a chunk sees itself at 16 bits: the first chunk is as with 16 bits, the second is not.</summary>
    [Fact]
    public void Prefill_encodes_between_chunks()
    {
        float[][] sixteen = Logits("static-16", CacheMode.Prefill);
        float[][] two = Logits("static-2", CacheMode.Prefill);

        Assert.All(sixteen.Zip(two).Take(PerplexityEvaluation.ChunkLength), pair => Assert.Equal(pair.First, pair.Second));
        Assert.NotEqual(sixteen[^1], two[^1]);
    }

    [Fact]
    public void A_reset_session_starts_anew()
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);
        using var session = new ModelSession(model, PolicyCatalog.ParseOne("static-4"), CacheMode.TwoPass, new EngineSetup(1, new KvCacheOptions()), 64);
        int[] tokens = model.Tokenizer.Encode(Ledger)[..64];
        float[][] first = Read(session, tokens);

        session.Reset();

        Assert.Equal(0, session.Statistics().Tokens);
        Assert.Equal(first, Read(session, tokens));
        Assert.Equal(64, session.Statistics().Tokens);
    }

    /// <summary>References made with another engine; the tolerances are those the project promises.</summary>
    [Theory]
    [InlineData(Arithmetic.Float, "static-32", 0.002)]
    [InlineData(Arithmetic.Int8, "static-16", 0.02)]
    public void The_real_models_likelihood_is_the_references(Arithmetic arithmetic, string policy, double tolerance)
    {
        JsonElement golden = JsonElement.Parse(File.ReadAllText(SharedFiles.Require("golden/perplexity.json")));
        using LlamaModel model = LlamaModel.Load(SharedFiles.SmolLm, arithmetic);
        int[] text = model.Tokenizer.Encode(TextFile.Read(SharedFiles.Require("data/wikitext2_valid.txt")).Text[..20_000]);

        PerplexityResult result = PerplexityEvaluation.Measure(
            model, PolicyCatalog.Parse(policy), null, text, [new TextWindow(0, 512, 0)], CacheMode.TwoPass, new EngineSetup(2, new KvCacheOptions()), TimeProvider.System, null, CancellationToken.None);

        Assert.Equal(golden.GetProperty("tokens_first").EnumerateArray().Select(id => id.GetInt32()), text[..20]);
        Assert.Equal(golden.GetProperty("nll").GetProperty("512").GetDouble(), result.Policies[0].Nll, tolerance);
    }

    private static float[][] Logits(string policy, CacheMode mode)
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel, Arithmetic.Float);
        using var session = new ModelSession(model, PolicyCatalog.ParseOne(policy), mode, new EngineSetup(2, new KvCacheOptions()), 100);
        int[] tokens = model.Tokenizer.Encode(Ledger)[..100];
        return [.. Read(session, tokens.AsSpan(0, PerplexityEvaluation.ChunkLength)), .. Read(session, tokens.AsSpan(PerplexityEvaluation.ChunkLength))];
    }

    private static float[][] Read(ModelSession session, ReadOnlySpan<int> tokens)
    {
        float[][] rows = new float[tokens.Length][];
        session.Advance(tokens, (row, logits) => rows[row] = logits.ToArray());
        return rows;
    }
}
