using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>The engine's logits in all its ways through the layers, and how far they are from a reference.</summary>
internal static class ReferenceLogits
{
    /// <summary>Random tokens of a model.</summary>
    public static int[] Tokens(SampleModel model, int length)
    {
        Random random = new(length);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(model.Reference.Shape.Vocabulary))];
    }

    /// <summary>[tokens][vocabulary] by token, by prompt chunks, and in one pass whose tiers are known.</summary>
    /// <param name="path">The model.</param>
    /// <param name="arithmetic">Of matrix products.</param>
    /// <param name="tokens">What is read.</param>
    /// <param name="staging">Width of tokens that wait for their tier.</param>
    /// <param name="transform">Of the cache; null for none.</param>
    /// <param name="tier">What tokens are encoded to; null for the staging width.</param>
    public static IEnumerable<(string Way, float[][] Logits)> AllWays(
        string path, Arithmetic arithmetic, int[] tokens, BitWidth staging, KvTransform? transform = null, KvTier? tier = null)
    {
        using LlamaModel model = LlamaModel.Load(path, arithmetic);
        SessionOptions options = new()
        {
            Threads = 2,
            MaxBatch = tokens.Length,
            Cache = new KvCacheOptions { MaxTokens = tokens.Length, Staging = staging, Transform = transform },
        };
        KvTier kept = tier ?? KvTier.Of(staging);
        using Session decoding = new(model, options), prompt = new(model, options), known = new(model, options);
        yield return ("decode", [.. tokens.Select(token =>
        {
            float[] logits = decoding.Decode(token).ToArray();
            decoding.Encode(kept);
            return logits;
        })]);

        int half = tokens.Length / 2;
        prompt.Prefill(tokens.AsSpan(0, half));
        float[][] first = Visit(prompt, half);
        prompt.Prefill(tokens.AsSpan(half));
        yield return ("prefill", [.. first, .. Visit(prompt, tokens.Length - half)]);

        known.Run(tokens, [new Segment(0, tokens.Length)], [.. tokens.Select(_ => kept)]);
        yield return ("two-pass", Visit(known, tokens.Length));
    }

    /// <summary>Fails where a way is further from the reference than a tolerance.</summary>
    public static void Agree(
        double[][] expected, SampleModel model, Arithmetic arithmetic, double tolerance, BitWidth staging = BitWidth.ThirtyTwo, KvTransform? transform = null)
    {
        foreach ((string way, float[][] actual) in AllWays(model.Path, arithmetic, Tokens(model, expected.Length), staging, transform))
        {
            double error = Difference(expected, actual);
            TestContext.Current.TestOutputHelper?.WriteLine($"{way}: {error:G3} of {tolerance:G3}");
            Assert.True(error <= tolerance, $"{way}, {(int)staging} bits: the logits differ by {error:G3} of their root mean square; {tolerance:G3} is allowed");
        }
    }

    /// <summary>The reference's logits of <see cref="Tokens"/>.</summary>
    public static double[][] Expected(SampleModel model, int length) => model.Reference.Logits(Tokens(model, length));

    /// <summary>The largest difference as a share of the reference's root mean square.</summary>
    public static double Difference(double[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Select(row => row.Length), actual.Select(row => row.Length));
        double size = Math.Sqrt(expected.Average(row => row.Average(x => x * x)));
        return expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => Math.Abs(x - y)).Max()).Max() / size;
    }

    private static float[][] Visit(Session session, int count)
    {
        float[][] logits = new float[count][];
        session.VisitLogits(0, count, (row, values) => logits[row] = values.ToArray());
        return logits;
    }
}
