using AdaptiveKv.Inference;
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
    public static IEnumerable<(string Way, float[][] Logits)> AllWays(string path, Arithmetic arithmetic, int[] tokens, BitWidth width, KvTransform? transform = null)
    {
        using LlamaModel model = LlamaModel.Load(path, arithmetic);
        SessionOptions options = new()
        {
            Threads = 2,
            MaxBatch = tokens.Length,
            Cache = new KvCacheOptions { MaxTokens = tokens.Length, Staging = width, Transform = transform },
        };
        KvTier tier = KvTier.Of(width);
        using Session decoding = new(model, options), prompt = new(model, options), known = new(model, options);
        yield return ("decode", [.. tokens.Select(token =>
        {
            float[] logits = decoding.Decode(token).ToArray();
            decoding.Encode(tier);
            return logits;
        })]);

        int half = tokens.Length / 2;
        prompt.Prefill(tokens.AsSpan(0, half));
        float[][] first = Visit(prompt, half);
        prompt.Prefill(tokens.AsSpan(half));
        yield return ("prefill", [.. first, .. Visit(prompt, tokens.Length - half)]);

        known.Run(tokens, [new Segment(0, tokens.Length)], [.. tokens.Select(_ => tier)]);
        yield return ("two-pass", Visit(known, tokens.Length));
    }

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
