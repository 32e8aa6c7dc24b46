using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

/// <summary>Mean negative log-likelihood of the first tokens of WikiText-2 on the real model, against PyTorch in float32 (golden/perplexity.json).</summary>
[Collection(RealModelTests.Name)]
public sealed class GoldenPerplexityTests(RealModel real)
{
    private const int Batch = 256;

    [Theory]
    [InlineData(Arithmetic.Float, "static-32", 1024, 0.002)]
    [InlineData(Arithmetic.Float, "static-32", 4096, 0.002)]
    [InlineData(Arithmetic.Int8, "static-16", 4096, 0.02)]
    public void The_likelihood_at_every_length_is_the_references(Arithmetic arithmetic, string policy, int length, double tolerance)
    {
        RealModel.Slow(arithmetic == Arithmetic.Float && length == 4096, "the float path over 4,096 tokens");
        JsonElement golden = JsonElement.Parse(File.ReadAllText(SharedFiles.Require("golden/perplexity.json")));
        int[] text = real[arithmetic].Tokenizer.Encode(TextFile.Read(SharedFiles.Require("data/wikitext2_valid.txt")).Text[..40_000]);
        using ModelSession session = new(
            real[arithmetic], PolicyCatalog.ParseOne(policy), CacheMode.TwoPass, new EngineSetup(Environment.ProcessorCount, new KvCacheOptions()), length);
        Dictionary<int, double> means = [];
        double sum = 0;

        for (int start = 0; start < length; start += Batch)
        {
            int first = start + 1;
            session.Advance(text.AsSpan(start, Batch), (row, logits) =>
            {
                sum -= LogProbabilities.Of(logits, text[first + row]);
                means[first + row] = sum / (first + row);
            });
        }

        Assert.Equal(golden.GetProperty("tokens_first").EnumerateArray().Select(id => id.GetInt32()), text[..20]);
        var lengths = golden.GetProperty("nll").EnumerateObject().Select(mean => (Length: int.Parse(mean.Name), Nll: mean.Value.GetDouble())).Where(mean => mean.Length <= length).ToList();
        Assert.InRange(lengths.Count, 2, 4);
        lengths.ForEach(mean => TestContext.Current.TestOutputHelper?.WriteLine($"{arithmetic}, {mean.Length} tokens: {means[mean.Length]:F5}, {means[mean.Length] - mean.Nll:+0.00000;-0.00000}"));
        Assert.All(lengths, mean => Assert.Equal(mean.Nll, means[mean.Length], tolerance));
    }
}
