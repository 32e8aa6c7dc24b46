using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Brings the heads of a token between the model's space and the cache's: rotary embedding, transform, rounding to the staging width.</summary>
internal readonly unsafe struct HeadRows(LlamaShape shape, PackedKvCache cache, RotaryEmbedding rotary)
{
    private readonly int headDim = shape.HeadDim;
    private readonly int perKv = shape.Heads / shape.KvHeads;

    /// <summary>Attention outputs of one KV head's queries, back into the model's space.</summary>
    public static void Restore(PackedKvCache cache, LlamaShape shape, int layer, int kvHead, Span<float> output)
    {
        int lane = (layer * shape.KvHeads) + kvHead;
        for (int start = 0; start < output.Length; start += shape.HeadDim)
        {
            cache.Transform.Output(lane, output.Slice(start, shape.HeadDim));
        }
    }

    /// <summary>All heads of one row of projections, in place.</summary>
    public void Prepare(float* projections, int layer, int position)
    {
        for (int head = 0; head < shape.KvHeads; head++)
        {
            PrepareQueries(projections + (head * perKv * headDim), layer, head, position);
            PrepareKeyValue(projections, layer, head, position);
        }
    }

    /// <summary>The query heads of one KV head.</summary>
    public void PrepareQueries(float* queries, int layer, int kvHead, int position)
    {
        int lane = (layer * shape.KvHeads) + kvHead;
        for (int head = 0; head < perKv; head++)
        {
            float* row = queries + (head * headDim);
            rotary.Apply(row, position);
            cache.Transform.Query(lane, new Span<float>(row, headDim));
        }
    }

    /// <summary>Key and value of one KV head, rounded as staging will round them.</summary>
    public void PrepareKeyValue(float* projections, int layer, int kvHead, int position)
    {
        int lane = (layer * shape.KvHeads) + kvHead;
        float* key = projections + (shape.Heads * headDim) + (kvHead * headDim);
        float* value = key + (shape.KvHeads * headDim);
        rotary.Apply(key, position);
        cache.Transform.Key(lane, position, new Span<float>(key, headDim));
        cache.Transform.Value(lane, new Span<float>(value, headDim));
        cache.RoundToStaging(new Span<float>(key, headDim));
        cache.RoundToStaging(new Span<float>(value, headDim));
    }

    /// <summary>Writes the keys (even <paramref name="part"/>) or values (odd) of KV head part / 2 for a run of rows.</summary>
    public void Write(Workspace space, BatchPlan plan, int layer, int part, int firstRow, int count)
    {
        int kvHead = part / 2;
        int lane = (layer * shape.KvHeads) + kvHead;
        int offset = space.QueryColumns + (part % 2 * space.KeyColumns) + (kvHead * headDim);
        for (int row = firstRow; row < firstRow + count; row++)
        {
            ReadOnlySpan<float> values = new(space.Projections + ((long)row * space.ProjectionColumns) + offset, headDim);
            if (part % 2 == 0)
            {
                cache.WriteKey(plan.Places[row], lane, values);
            }
            else
            {
                cache.WriteValue(plan.Places[row], lane, values);
            }
        }
    }
}
