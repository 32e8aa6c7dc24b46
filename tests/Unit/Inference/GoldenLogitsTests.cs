using System.Text.Json;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The real model against PyTorch in float32 on the dequantized weights (golden/logits.json).</summary>
[Collection(RealModelTests.Name)]
public sealed class GoldenLogitsTests(RealModel real)
{
    [Fact]
    public void Float_path_gives_the_reference_logits_likelihoods_and_greedy_tokens() =>
        Check(Arithmetic.Float, BitWidth.ThirtyTwo, tolerance: 2e-3, nllTolerance: 2e-3, marginToTrust: 0, Batch);

    [Fact]
    public void Int8_path_stays_within_a_quarter_and_agrees_where_the_margin_is_clear() =>
        Check(Arithmetic.Int8, BitWidth.Sixteen, tolerance: 0.25, nllTolerance: 0.25, marginToTrust: 0.5, Decode);

    /// <summary>One plane is off by some tenths of a logit, whichever kernels run it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_plane_stays_within_one_and_agrees_where_the_margin_is_clear(bool together) =>
        Check(Arithmetic.Int8Single, BitWidth.Sixteen, tolerance: 1, nllTolerance: 1, marginToTrust: 1, together ? Batch : Decode);

    [Fact]
    public void Decoding_in_float_gives_what_the_batch_gives()
    {
        int[] tokens = real[Arithmetic.Float].Tokenizer.Encode("The capital of France is Paris");
        using Session decoding = Open(Arithmetic.Float, BitWidth.ThirtyTwo), batched = Open(Arithmetic.Float, BitWidth.ThirtyTwo);

        float[][] expected = Batch(batched, tokens, KvTier.Of(BitWidth.ThirtyTwo));

        Assert.All(Decode(decoding, tokens, KvTier.Of(BitWidth.ThirtyTwo)), (logits, i) =>
            Assert.InRange(expected[i].Zip(logits, (e, a) => Math.Abs(e - a)).Max(), 0, 1e-3));
    }

    private void Check(
        Arithmetic arithmetic, BitWidth width, double tolerance, double nllTolerance, double marginToTrust, Func<Session, int[], KvTier, float[][]> run)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/logits.json")));
        using Session session = Open(arithmetic, width);
        double worstLogit = 0, worstNll = 0;
        int greedy = 0;
        foreach (JsonElement prompt in golden.RootElement.EnumerateArray())
        {
            int[] tokens = Integers(prompt, "tokens"), expected = Integers(prompt, "greedy");
            double[] nll = Numbers(prompt, "nll"), margins = Numbers(prompt, "greedy_margin");
            session.Cache.Truncate(0);

            // The reference's own tokens are fed, so that one wrong choice does not hide what follows.
            float[][] logits = run(session, [.. tokens, .. expected[..^1]], KvTier.Of(width));

            for (int i = 0; i < nll.Length; i++)
            {
                worstNll = Math.Max(worstNll, Math.Abs(-LogProbabilities.Of(logits[i], tokens[i + 1]) - nll[i]));
            }

            foreach (JsonElement top in prompt.GetProperty("top").EnumerateArray())
            {
                worstLogit = Math.Max(worstLogit, Math.Abs(logits[tokens.Length - 1][top[0].GetInt32()] - top[1].GetDouble()));
            }

            for (int i = 0; i < expected.Length; i++)
            {
                if (margins[i] > marginToTrust)
                {
                    Assert.Equal(expected[i], System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits[tokens.Length - 1 + i]));
                    greedy++;
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{arithmetic}: worst logit {worstLogit:G3}, worst NLL {worstNll:G3}, {greedy} greedy tokens");
        Assert.True(worstLogit <= tolerance, $"logits differ by {worstLogit:G4}");
        Assert.True(worstNll <= nllTolerance, $"likelihoods differ by {worstNll:G4}");
    }

    private Session Open(Arithmetic arithmetic, BitWidth width) => new(real[arithmetic], new SessionOptions
    {
        MaxBatch = 128,
        Cache = new KvCacheOptions { MaxTokens = 128, Staging = width },
    });

    private static float[][] Batch(Session session, int[] tokens, KvTier tier)
    {
        float[][] logits = new float[tokens.Length][];
        session.Prefill(tokens);
        session.VisitLogits(0, tokens.Length, (row, values) => logits[row] = values.ToArray());
        session.Encode([.. Enumerable.Repeat(tier, tokens.Length)]);
        return logits;
    }

    private static float[][] Decode(Session session, int[] tokens, KvTier tier)
    {
        float[][] logits = new float[tokens.Length][];
        for (int i = 0; i < tokens.Length; i++)
        {
            logits[i] = session.Decode(tokens[i]).ToArray();
            session.Encode(tier);
        }

        return logits;
    }

    private static int[] Integers(JsonElement prompt, string name) => [.. prompt.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];

    private static double[] Numbers(JsonElement prompt, string name) => [.. prompt.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
