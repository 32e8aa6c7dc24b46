using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Unit.Inference.Sampling;

[Trait("Category", "Kernels")]
public sealed class TokenCandidatesTests
{
    [Theory]
    [InlineData(5000, 1, 1)]
    [InlineData(5000, 40, 1)]
    [InlineData(5000, 3000, 1)]
    [InlineData(5000, 9999, 0.9)]
    [InlineData(5000, 40, 0.5)]
    [InlineData(5000, 0, 0.9)]
    [InlineData(5000, 0, 0.001)]
    [InlineData(5000, 0, 0.9999)]
    [InlineData(7, 3, 0.7)]
    [InlineData(1, 1, 0.5)]
    public void Keeps_the_likeliest_in_order(int vocabulary, int topK, double topP)
    {
        var candidates = new TokenCandidates(vocabulary, topK, topP);
        foreach (double spread in (double[])[0.001, 1, 5])
        {
            // Rounded so that many tokens are equal; ascending, so that every one of them beats those before.
            float[] logits = [.. Logits.Normal(vocabulary, spread).Select(logit => MathF.Round(logit, 2))];
            Check(candidates, logits, topK, topP);
            Check(candidates, [.. logits.Order()], topK, topP);
        }
    }

    private static void Check(TokenCandidates candidates, float[] logits, int topK, double topP)
    {
        float[] weights = new float[logits.Length];
        double total = Exponentials.Sums(logits, logits.Max(), 1, weights).Sum;
        candidates.Gather(weights, total);

        int[] got = [.. Enumerable.Range(0, candidates.Count).Select(candidates.Token)];
        int[] ranked = [.. Enumerable.Range(0, weights.Length).OrderByDescending(token => weights[token])];
        int[] expected = topK == 0 ? ranked : [.. ranked.Take(topK)];
        Assert.Equal(expected[..got.Length], got);
        if (topP == 1)
        {
            Assert.Equal(expected.Count(token => weights[token] > 0), got.Length);
            return;
        }

        double mass = expected.Sum(token => (double)weights[token]), kept = got.Sum(token => (double)weights[token]);
        Assert.InRange(kept, (topP - 1e-6) * mass, mass);
        Assert.InRange(kept - weights[got[^1]], 0, (topP + 1e-6) * mass);
    }
}
