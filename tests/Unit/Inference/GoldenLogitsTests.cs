using System.Text.Json;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The real model against PyTorch in float32 on the dequantized weights (golden/logits.json).</summary>
public sealed class GoldenLogitsTests
{
    [Fact]
    public void Float_path_gives_the_reference_logits_likelihoods_and_greedy_tokens() =>
        Check(Arithmetic.Float, KvTier.Of(BitWidth.ThirtyTwo), tolerance: 2e-3, nllTolerance: 2e-3, marginToTrust: 0);

    [Fact]
    public void Int8_path_stays_within_a_quarter_and_agrees_where_the_margin_is_clear() =>
        Check(Arithmetic.Int8, KvTier.Of(BitWidth.Sixteen), tolerance: 0.25, nllTolerance: 0.25, marginToTrust: 0.5);

    private static void Check(Arithmetic arithmetic, KvTier tier, double tolerance, double nllTolerance, double marginToTrust)
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.SmolLm, arithmetic);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/logits.json")));
        double worstLogit = 0;
        double worstNll = 0;
        int greedy = 0;
        foreach (JsonElement prompt in golden.RootElement.EnumerateArray())
        {
            int[] tokens = [.. prompt.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())];
            using Session session = new(model, new SessionOptions
            {
                Threads = 2,
                Cache = new KvCacheOptions { MaxTokens = 256, Staging = tier.Keys },
            });
            double[] nll = [.. prompt.GetProperty("nll").EnumerateArray().Select(t => t.GetDouble())];
            Span<float> logits = default;
            for (int i = 0; i < tokens.Length; i++)
            {
                logits = session.Decode(tokens[i]);
                session.Encode(tier);
                if (i < nll.Length)
                {
                    worstNll = Math.Max(worstNll, Math.Abs(-LogProbability(logits, tokens[i + 1]) - nll[i]));
                }
            }

            foreach (JsonElement top in prompt.GetProperty("top").EnumerateArray())
            {
                worstLogit = Math.Max(worstLogit, Math.Abs(logits[top[0].GetInt32()] - top[1].GetDouble()));
            }

            int[] expected = [.. prompt.GetProperty("greedy").EnumerateArray().Select(t => t.GetInt32())];
            double[] margins = [.. prompt.GetProperty("greedy_margin").EnumerateArray().Select(t => t.GetDouble())];
            for (int i = 0; i < expected.Length; i++)
            {
                int chosen = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits);
                if (margins[i] > marginToTrust)
                {
                    Assert.Equal(expected[i], chosen);
                    greedy++;
                }

                logits = session.Decode(expected[i]);
                session.Encode(tier);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst logit {worstLogit:G3}, worst NLL {worstNll:G3}, {greedy} greedy tokens");
        Assert.True(worstLogit <= tolerance, $"logits differ by {worstLogit:G4}");
        Assert.True(worstNll <= nllTolerance, $"likelihoods differ by {worstNll:G4}");
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        float largest = System.Numerics.Tensors.TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return logits[token] - largest - Math.Log(sum);
    }
}
