using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.KvCache.Attention;

/// <summary>
/// Scratch for the attention of one token over a cache, used by one thread: per KV head the queries that share it and their running softmax. The parts of a
/// long sequence may go to different workers and be merged; workers of neighbouring tokens may read what they all see together.
/// </summary>
internal sealed unsafe class AttentionWorker : IDisposable
{
    /// <summary>Most tokens that attend together.</summary>
    public const int MostTogether = 16;

    private readonly PackedKvCache cache;
    private readonly NativeBuffer memory;
    private readonly QueryBlock[] queries;
    private readonly SoftmaxState[] own;
    private readonly SoftmaxState[] states; // The worker's own, or parts of others.
    private readonly QueryBlock[] folded;
    private readonly ScoreOffsets[] offsets;
    private readonly AttentionTarget[] targets = new AttentionTarget[MostTogether];

    /// <summary>Allocates scratch for all KV heads of one layer.</summary>
    /// <param name="cache">The cache to read.</param>
    /// <param name="precise">Whether codes are read back to floats and everything is summed in float: the reference for the integer kernels.</param>
    public AttentionWorker(PackedKvCache cache, bool precise = false)
    {
        this.cache = cache;
        Precise = precise;
        CacheShape shape = cache.Shape;
        int heads = shape.QueriesPerKvHead;
        int groups = shape.HeadDim / cache.GroupSize;
        int rowFloats = heads * shape.HeadDim;
        int queryFloats = Aligned(rowFloats + (rowFloats / sizeof(float)) + heads + (heads * groups));
        int foldedFloats = cache.Transform.Turns is null ? 0 : rowFloats;
        int offsetFloats = cache.Transform.Turns is null ? 0 : StreamBlock.Count((cache.MaxTokens / MeanTurns.StretchTokens) + 1) * heads * StreamBlock.Tokens;
        int stateFloats = SoftmaxState.AlignedFloatsFor(heads, shape.HeadDim, groups);
        memory = NativeBuffer.OfFloats((long)shape.KvHeads * (queryFloats + stateFloats + foldedFloats + offsetFloats));
        queries = new QueryBlock[shape.KvHeads];
        own = new SoftmaxState[shape.KvHeads];
        folded = new QueryBlock[shape.KvHeads];
        offsets = new ScoreOffsets[shape.KvHeads];
        float* next = memory.Floats;
        for (int head = 0; head < shape.KvHeads; head++)
        {
            float* codes = next + rowFloats;
            float* scales = codes + (rowFloats / sizeof(float));
            queries[head] = new QueryBlock(heads, shape.HeadDim, cache.GroupSize, (nint)next, (nint)codes, (nint)scales, (nint)(scales + heads));
            next += queryFloats;
            own[head] = SoftmaxState.In(next, heads, shape.HeadDim, groups);
            next += stateFloats;
            folded[head] = new QueryBlock(heads, shape.HeadDim, cache.GroupSize, (nint)next, 0, 0, 0);
            next += foldedFloats;
            offsets[head] = new ScoreOffsets(offsetFloats > 0 ? (nint)next : 0, heads, 0, cache.Map, 0);
            next += offsetFloats;
        }

        states = [.. own];
    }

    /// <summary>Whether this worker computes the float reference.</summary>
    public bool Precise { get; }

    /// <summary>Splits the time of attention; null where nobody wants to know.</summary>
    public AttentionClock? Clock { get; set; }

    /// <summary>Takes the queries of one KV head and forgets what was summed.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="kvHead">KV head.</param>
    /// <param name="position">Position of the queries; they attend to nothing behind it.</param>
    /// <param name="rows">[QueriesPerKvHead][HeadDim], in the cache's space.</param>
    public void Begin(int layer, int kvHead, int position, ReadOnlySpan<float> rows)
    {
        ref readonly QueryBlock block = ref queries[kvHead];
        Span<float> scaled = new(block.Row(0), block.Heads * block.HeadDim);
        System.Numerics.Tensors.TensorPrimitives.Multiply(rows, 1f / MathF.Sqrt(block.HeadDim), scaled);
        block.Quantize();
        states[kvHead] = own[kvHead];
        states[kvHead].Clear();
        if (cache.Transform.Turns is { } turns)
        {
            for (int head = 0; head < block.Heads; head++)
            {
                cache.Transform.Fold((layer * cache.Shape.KvHeads) + kvHead, new(block.Row(head), block.HeadDim), new(folded[kvHead].Row(head), block.HeadDim));
            }

            offsets[kvHead] = offsets[kvHead] with { Last = turns.StretchOf(position) };
            offsets[kvHead].Fill(turns, folded[kvHead]);
        }
    }

    /// <summary>Sums a piece of the past, until the next one or <see cref="Begin"/>.</summary>
    /// <param name="parts">Keeps the sums.</param>
    /// <param name="kvHead">KV head.</param>
    /// <param name="piece">Which piece; no other worker sums it.</param>
    public void BeginPiece(AttentionParts parts, int kvHead, int piece)
    {
        states[kvHead] = parts.Of(kvHead, piece);
        states[kvHead].Clear();
    }

    /// <summary>Attends to the first <paramref name="counts"/>[s] tokens of every stream s of a lane.</summary>
    public void Attend(int layer, int kvHead, ReadOnlySpan<int> counts) => AttendBlocks(layer, kvHead, counts, 0, int.MaxValue);

    /// <summary>Attends to a range of 32-token blocks of the streams, counted one stream after the other.</summary>
    public void AttendBlocks(int layer, int kvHead, ReadOnlySpan<int> counts, int firstBlock, int lastBlock)
    {
        int lane = (layer * cache.Shape.KvHeads) + kvHead;
        int block = 0;
        for (int i = 0; i < cache.Streams.Count; i++)
        {
            int blocks = StreamBlock.Count(counts[i]);
            int from = Math.Max(firstBlock - block, 0);
            int to = Math.Min(lastBlock - block, blocks);
            if (from < to)
            {
                int lastToken = Math.Min(to * StreamBlock.Tokens, counts[i]);
                AttendStream(i, lane, kvHead, from * StreamBlock.Tokens, lastToken);
            }

            block += blocks;
        }
    }

    /// <summary>Attends for neighbouring tokens of a sequence, in the order in which each would alone: what all see is read, and widened, once for all.</summary>
    /// <param name="together">1 to <see cref="MostTogether"/> workers of the same cache, whose queries began; this one is the first.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="kvHead">KV head.</param>
    /// <param name="counts">[token][<see cref="PackedKvCache.MaxStreams"/>] tokens of each stream that a token sees; a later one sees no fewer of any.</param>
    /// <param name="room">[32][HeadDim] where blocks are spread out for all of them.</param>
    public void AttendTogether(ReadOnlySpan<AttentionWorker> together, int layer, int kvHead, ReadOnlySpan<int> counts, float* room)
    {
        int lane = (layer * cache.Shape.KvHeads) + kvHead;
        for (int stream = 0; stream < cache.Streams.Count; stream++)
        {
            int first = 0;
            while (first < together.Length && counts[(first * PackedKvCache.MaxStreams) + stream] == 0)
            {
                first++;
            }

            if (together.Length - first < 2 || Precise)
            {
                for (int i = first; i < together.Length; i++)
                {
                    together[i].AttendStream(stream, lane, kvHead, 0, counts[(i * PackedKvCache.MaxStreams) + stream]);
                }

                continue;
            }

            for (int i = first; i < together.Length; i++)
            {
                targets[i] = together[i].Target(stream, kvHead, counts[(i * PackedKvCache.MaxStreams) + stream]);
            }

            TierStore store = cache.Streams[stream];
            store.Lanes[lane].Codec.Attend(store, lane, 0, targets.AsSpan(first, together.Length - first), room, Clock);
        }
    }

    /// <summary>Number of 32-token blocks that <paramref name="counts"/> tokens occupy.</summary>
    public static int Blocks(ReadOnlySpan<int> counts)
    {
        int blocks = 0;
        foreach (int count in counts)
        {
            blocks += StreamBlock.Count(count);
        }

        return blocks;
    }

    /// <summary>Attends to one token whose rows are at hand in float: the token itself, while it is staged outside the cache.</summary>
    /// <param name="kvHead">KV head.</param>
    /// <param name="position">The token's position.</param>
    /// <param name="key">[HeadDim], in the cache's space.</param>
    /// <param name="value">[HeadDim], in the cache's space.</param>
    public void AttendToken(int kvHead, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> value) =>
        AttendIn(cache.Transform.Turns?.StretchOf(position) ?? 0, kvHead, key, value);

    /// <summary>Scores one key for every query head of a KV head, in float, without summing it.</summary>
    /// <param name="kvHead">KV head; its queries are those of <see cref="Begin"/>.</param>
    /// <param name="position">The key's position.</param>
    /// <param name="key">[HeadDim], in the cache's space.</param>
    /// <param name="scores">[QueriesPerKvHead] q.k / sqrt(HeadDim), up to what all keys of the query share.</param>
    public void Score(int kvHead, int position, ReadOnlySpan<float> key, Span<float> scores)
    {
        float* offset = offsets[kvHead].IsEmpty ? null : offsets[kvHead].Of(cache.Transform.Turns!.StretchOf(position));
        ref readonly QueryBlock block = ref queries[kvHead];
        for (int head = 0; head < block.Heads; head++)
        {
            scores[head] = System.Numerics.Tensors.TensorPrimitives.Dot(key, new ReadOnlySpan<float>(block.Row(head), block.HeadDim))
                + (offset is null ? 0f : offset[head * StreamBlock.Tokens]);
        }
    }

    /// <summary>The weight that a score has among all that a query head attended to: exp(score) / sum of exp(scores).</summary>
    public float WeightOf(int kvHead, int head, float score) =>
        MathF.Exp(score - states[kvHead].LargestOf(head)) / states[kvHead].TotalOf(head);

    /// <summary>Joins the pieces of a KV head's past, in order.</summary>
    public void Merge(AttentionParts parts, int kvHead)
    {
        states[kvHead].Clear();
        for (int piece = 0; piece < parts.Pieces; piece++)
        {
            states[kvHead].Merge(parts.Of(kvHead, piece));
        }
    }

    /// <summary>The outputs of a KV head's queries, [QueriesPerKvHead][HeadDim], in the cache's space.</summary>
    public void Finish(int kvHead, Span<float> output)
    {
        fixed (float* target = output)
        {
            states[kvHead].Finish(target);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private void AttendIn(int stretch, int kvHead, ReadOnlySpan<float> key, ReadOnlySpan<float> value) =>
        TokenAttention.Add(key, value, queries[kvHead], states[kvHead], offsets[kvHead].IsEmpty ? null : offsets[kvHead].Of(stretch));

    private void AttendStream(int stream, int lane, int kvHead, int from, int to)
    {
        TierStore store = cache.Streams[stream];
        AttentionTarget own = Target(stream, kvHead, to);
        if (!Precise)
        {
            store.Lanes[lane].Codec.Attend(store, lane, from, new ReadOnlySpan<AttentionTarget>(in own), null, Clock);
            return;
        }

        Span<float> key = stackalloc float[store.Layout.HeadDim];
        Span<float> value = stackalloc float[store.Layout.HeadDim];
        for (int token = from; token < to; token++)
        {
            store.Read(token, lane, key, value);
            AttendIn(own.Offsets.StretchOf(token), kvHead, key, value);
        }
    }

    private AttentionTarget Target(int stream, int kvHead, int seen) => new(queries[kvHead], states[kvHead], offsets[kvHead] with { Stream = stream }, seen);

    // Vectors of 64 bytes.
    private static int Aligned(int floats) => (floats + 15) & ~15;
}
