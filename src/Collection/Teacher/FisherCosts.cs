using AdaptiveKv.Files;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>
/// What every tier is expected to cost of every token, layer, KV head, keys and values of a text: the mean over quantization errors of random direction of the KL summed over all
/// later predictions that count, E|g|^2 |d|^2 / (2 HeadDim), with g of <see cref="FisherPass"/> and d of <see cref="CodeErrors"/>, both in the cache's space. Parts are taken to add up.
/// </summary>
internal sealed class FisherCosts : IDisposable
{
    private readonly TorchLlama teacher;
    private readonly FisherPass pass;
    private readonly CodeErrors errors;
    private readonly CacheShape shape;
    private readonly int tiers;
    private readonly int samples;
    private readonly Scalar mean;

    /// <param name="teacher">The model with gradients; stays its owner's.</param>
    /// <param name="model">The same model.</param>
    /// <param name="code">How tokens are coded.</param>
    /// <param name="tiers">The tiers that are tried.</param>
    /// <param name="samples">Continuations drawn at every position.</param>
    /// <param name="maxTokens">Of the longest text.</param>
    public FisherCosts(TorchLlama teacher, LlamaModel model, KvCacheOptions code, IReadOnlyList<KvTier> tiers, int samples, int maxTokens)
    {
        (this.teacher, shape, this.tiers, this.samples) = (teacher, model.CacheShape, tiers.Count, samples);
        mean = (1.0 / (2 * samples * shape.HeadDim)).ToScalar();
        pass = new FisherPass(teacher);
        errors = new CodeErrors(model, code, tiers, maxTokens);
    }

    /// <summary>Memory that it takes beside the teacher, about: every layer's input, what a layer makes on the way, and a KV head's scores.</summary>
    public static long Bytes(LlamaModel model, int maxTokens)
    {
        LlamaShape of = model.Shape;
        return sizeof(float) * maxTokens * ((((long)of.Layers + 20) * of.Hidden) + (4L * of.FeedForward) + (2L * (of.Heads / of.KvHeads) * maxTokens));
    }

    /// <summary>Parts of a token: (layer, KV head, keys or values), in this order.</summary>
    public int Parts => 2 * shape.Lanes;

    /// <summary>The costs of a text.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="counted">The first prediction that counts, by the token that it follows.</param>
    /// <param name="random">Draws the continuations.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>By tier: [tokens][<see cref="Parts"/>], nats.</returns>
    public float[][] Of(int[] tokens, int counted, CounterRandom random, CancellationToken cancellation)
    {
        float[][] costs = [.. Enumerable.Range(0, tiers).Select(_ => new float[tokens.Length * Parts])];
        errors.Begin(tokens.Length);
        pass.Run(tokens, counted, samples, random, (layer, made, gradients) => Add(layer, tokens.Length, made, gradients, costs), cancellation);
        return costs;
    }

    public void Dispose() => errors.Dispose();

    private void Add(int layer, int tokens, LayerPass made, IReadOnlyList<KvShift> gradients, float[][] costs)
    {
        float[] keys = Numbers(made.Keys), values = Numbers(made.Values);
        float[] keyWeights = Numbers(Weights(gradients, shift => shift.Keys, errors.Transform.Balance, layer));
        float[] valueWeights = Numbers(Weights(gradients, shift => shift.Values, errors.Transform.ValueBalance, layer));
        float[] keyErrors = new float[costs.Length], valueErrors = new float[costs.Length];
        for (int row = 0; row < shape.KvHeads * tokens; row++)
        {
            int lane = (layer * shape.KvHeads) + (row / tokens), position = row % tokens;
            int part = (position * Parts) + (2 * lane);
            int start = row * shape.HeadDim;
            errors.Measure(lane, position, keys.AsSpan(start, shape.HeadDim), values.AsSpan(start, shape.HeadDim), keyErrors, valueErrors);
            for (int tier = 0; tier < costs.Length; tier++)
            {
                (costs[tier][part], costs[tier][part + 1]) = (keyWeights[row] * keyErrors[tier], valueWeights[row] * valueErrors[tier]);
            }
        }
    }

    // [KV heads, tokens]: E|g|^2 / (2 HeadDim). A row x of the cache's space is x = H D^-1 (row - mean), so that its gradient is H D times the row's, and H changes no length.
    private Tensor Weights(IReadOnlyList<KvShift> gradients, Func<KvShift, Tensor> side, ReadOnlySpan<float> balance, int layer)
    {
        int size = shape.KvHeads * shape.HeadDim;
        Tensor? factors = balance.IsEmpty ? null : tensor(balance.Slice(layer * size, size).ToArray(), device: teacher.Device).view(shape.KvHeads, 1, shape.HeadDim);
        Tensor[] squares = [.. gradients.Select(side).Select(gradient => factors is null ? gradient : gradient * factors).Select(gradient => (gradient * gradient).sum(-1))];
        return squares.Aggregate((sum, one) => sum.add(one, One)).mul(mean);
    }

    private static float[] Numbers(Tensor tensor) => tensor.cpu().contiguous().data<float>().ToArray();
}
