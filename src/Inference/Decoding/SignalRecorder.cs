using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache.Attention;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Collects the signals of the rows of a pass, layer by layer. Different rows may be recorded by different threads.</summary>
/// <param name="shape">The model's.</param>
/// <param name="rows">Most rows of a pass.</param>
/// <param name="window">Earlier tokens whose weight in a row is recorded.</param>
internal sealed class SignalRecorder(LlamaShape shape, int rows, int window)
{
    private readonly float[] self = new float[rows];
    private readonly float[] variance = new float[rows];
    private readonly float[] keyNorm = new float[rows];
    private readonly float[] given = new float[rows * window];

    /// <summary>Earlier tokens whose weight in a row is recorded.</summary>
    public int Window => window;

    /// <summary>Forgets a row.</summary>
    public void Clear(int row)
    {
        self[row] = variance[row] = keyNorm[row] = 0f;
        given.AsSpan(row * window, window).Clear();
    }

    /// <summary>Adds a layer of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="weights">[Heads] weights the token gives itself.</param>
    public void AddLayer(int row, ReadOnlySpan<float> weights)
    {
        float sum = 0f;
        float squares = 0f;
        foreach (float weight in weights)
        {
            sum += weight;
            squares += weight * weight;
        }

        float mean = sum / weights.Length;
        self[row] += mean / shape.Layers;
        variance[row] += Math.Max((squares / weights.Length) - (mean * mean), 0f) / shape.Layers;
    }

    /// <summary>Adds one KV head's key of a row.</summary>
    public void AddKey(int row, float norm) => keyNorm[row] += norm / (shape.Layers * shape.KvHeads);

    /// <summary>Adds the weights that the query heads of one KV head give a token <paramref name="back"/> (from 1) before the row.</summary>
    public void AddGiven(int row, int back, ReadOnlySpan<float> weights)
    {
        foreach (float weight in weights)
        {
            given[(row * window) + back - 1] += weight / (shape.Layers * shape.Heads);
        }
    }

    /// <summary>What a row showed.</summary>
    public TokenSignals Of(int row) => new(self[row], variance[row], keyNorm[row]);

    /// <summary>Weight a row gives the token <paramref name="back"/> (from 1) before it, mean over query heads and layers.</summary>
    public float Given(int row, int back) => given[(row * window) + back - 1];

    /// <summary>Turns the scores of one key into the weights of a KV head's query heads.</summary>
    /// <param name="worker">Has attended to everything.</param>
    /// <param name="kvHead">KV head.</param>
    /// <param name="scores">[QueriesPerKvHead], in place.</param>
    public static void ToWeights(AttentionWorker worker, int kvHead, Span<float> scores)
    {
        for (int head = 0; head < scores.Length; head++)
        {
            scores[head] = worker.WeightOf(kvHead, head, scores[head]);
        }
    }
}
