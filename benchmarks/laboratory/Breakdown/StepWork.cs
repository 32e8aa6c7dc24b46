using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>What a part of a decoded token reads and computes: its time against the machine's limits says how good its kernel is.</summary>
/// <param name="Bytes">Bytes of weights or cache, each read once.</param>
/// <param name="Int8Products">Multiply-accumulates of 8-bit integers; activations of 16 bits count twice.</param>
/// <param name="FloatProducts">Multiply-accumulates in binary32.</param>
internal readonly record struct StepWork(long Bytes, long Int8Products, long FloatProducts)
{
    /// <summary>The work of a part of the next step; 0 where neither memory nor products bound it.</summary>
    /// <param name="part">The part.</param>
    /// <param name="model">The model.</param>
    /// <param name="cache">What the step will attend to.</param>
    public static StepWork Of(StepPart part, LlamaModel model, PackedKvCache cache) => part switch
    {
        StepPart.QueryKeyValue => OfLayers(model, layer => [layer.Query, layer.Key, layer.Value]),
        StepPart.AttentionKeys => OfStreams(cache, store => (Sum(store, lane => lane.KeyBytes), store.Tier.Keys)),
        StepPart.AttentionValues => OfStreams(cache, store => (Sum(store, lane => lane.UnitBytes - lane.KeyBytes), store.Tier.Values)),
        StepPart.AttentionOutput => OfLayers(model, layer => [layer.Output]),
        StepPart.GateUp => OfLayers(model, layer => [layer.Gate, layer.Up]),
        StepPart.Down => OfLayers(model, layer => [layer.Down]),
        StepPart.Logits => OfMatrices(model, [model.Output]),
        _ => default,
    };

    /// <summary>The mean work of a part of a token of a prompt; its weights are read once for many tokens, so that no memory bounds it.</summary>
    /// <param name="part">The part.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Tokens of the prompt; attention counts as if all were kept in floating point.</param>
    public static StepWork OfPrompt(StepPart part, LlamaModel model, int tokens) => part switch
    {
        StepPart.AttentionKeys or StepPart.AttentionValues => new StepWork(0, 0, (long)model.Shape.Layers * model.Shape.Heads * model.Shape.HeadDim * (tokens + 1) / 2),
        StepPart.QueryKeyValue => OfLayers(model, layer => [layer.Query, layer.Key, layer.Value]) with { Bytes = 0 },
        StepPart.AttentionOutput => OfLayers(model, layer => [layer.Output]) with { Bytes = 0 },
        StepPart.GateUp => OfLayers(model, layer => [layer.Gate, layer.Up]) with { Bytes = 0 },
        StepPart.Down => OfLayers(model, layer => [layer.Down]) with { Bytes = 0 },
        _ => default,
    };

    /// <summary>The work of a part for each of some sessions that take a step together: they read weights once, each its own cache.</summary>
    public StepWork SharedBy(StepPart part, int sessions) => part is StepPart.AttentionKeys or StepPart.AttentionValues ? this : this with { Bytes = Bytes / sessions };

    private static StepWork OfLayers(LlamaModel model, Func<LayerWeights, PackedMatrix[]> matrices) =>
        OfMatrices(model, model.Layers.SelectMany(matrices));

    private static StepWork OfMatrices(LlamaModel model, IEnumerable<PackedMatrix> matrices)
    {
        (long bytes, long products) = (0, 0);
        foreach (PackedMatrix matrix in matrices)
        {
            bytes += matrix.Bytes;
            products += (long)matrix.Rows * matrix.Columns;
        }

        return model.Arithmetic == Arithmetic.Float ? new StepWork(bytes, 0, products) : new StepWork(bytes, (model.Arithmetic == Arithmetic.Int8 ? 2 : 1) * products, 0);
    }

    private static int Sum(TierStore store, Func<LaneFormat, int> bytes) => store.Lanes.ToArray().Sum(bytes);

    private static StepWork OfStreams(PackedKvCache cache, Func<TierStore, (int UnitBytes, BitWidth Width)> side)
    {
        StepWork work = default;
        for (int i = 0; i < cache.Streams.Count; i++)
        {
            TierStore store = cache.Streams[i];
            (int unitBytes, BitWidth width) = side(store);
            long units = (cache.Counts[i] + store.Layout.TokensPerUnit - 1) / store.Layout.TokensPerUnit;
            long products = (long)cache.Counts[i] * cache.Shape.Lanes * cache.Shape.HeadDim * cache.Shape.QueriesPerKvHead;
            work = width < BitWidth.Sixteen
                ? work with { Bytes = work.Bytes + (units * unitBytes), Int8Products = work.Int8Products + products }
                : work with { Bytes = work.Bytes + (units * unitBytes), FloatProducts = work.FloatProducts + products };
        }

        return work;
    }
}
