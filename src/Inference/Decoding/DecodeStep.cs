using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// One token through all layers with five barriers per layer. What is cheap (norms, quantization of inputs, merging of attention parts)
/// every thread does for itself; matrix products are shared out by weight rows, attention by 32-token blocks of the streams.
/// </summary>
internal sealed unsafe class DecodeStep : IDisposable
{
    private const int WholeHeadBlocks = 8; // 256 tokens, over which cutting a head pays for itself.
    private const int GateOctets = QuantizedRows.BlockColumns / PackedMatrix.OctetRows;

    private readonly LlamaModel model;
    private readonly LlamaShape shape;
    private readonly PackedKvCache cache;
    private readonly ThreadTeam team;
    private readonly HeadRows heads;
    private readonly StepSignals? signals;
    private readonly MemberSpace[] members;
    private readonly Activations gated;
    private readonly NativeBuffer stream;
    private readonly NativeBuffer projections;
    private readonly NativeBuffer gates;
    private readonly NativeBuffer logits;
    private readonly Action<int> run;
    private readonly int[] past = new int[PackedKvCache.MaxStreams]; // Tokens of each stream before the newest.
    private TokenPlace place;
    private int position;

    public DecodeStep(LlamaModel model, PackedKvCache cache, RotaryEmbedding rotary, ThreadTeam team, bool precise, SignalRecorder? recorder)
    {
        this.model = model;
        this.cache = cache;
        this.team = team;
        shape = model.Shape;
        heads = new HeadRows(shape, cache, rotary);
        signals = recorder is null ? null : new StepSignals(recorder, shape, cache);
        members = new MemberSpace[team.Threads];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = new MemberSpace(model, cache, precise);
        }

        gated = new Activations(1, shape.FeedForward, model.Arithmetic);
        stream = NativeBuffer.OfFloats(shape.Hidden);
        projections = NativeBuffer.OfFloats((shape.Heads + (2 * shape.KvHeads)) * shape.HeadDim);
        gates = NativeBuffer.OfFloats(2L * shape.FeedForward);
        logits = NativeBuffer.OfFloats(shape.Vocabulary);
        run = RunMember;
    }

    /// <summary>Stages a token and runs it.</summary>
    /// <returns>[vocabulary] logits.</returns>
    public Span<float> Run(int token)
    {
        signals?.Begin();
        position = cache.Count;
        cache.Counts.CopyTo(past);
        place = cache.Stage();
        model.Embedding.ReadRow(token, stream.FloatSpan(0, shape.Hidden));
        team.Run(run);
        Span<float> result = logits.FloatSpan(0, shape.Vocabulary);
        LogitsCheck.ThrowIfNotANumber(result);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[gated, stream, projections, gates, logits, .. members])
        {
            part.Dispose();
        }
    }

    private void RunMember(int member)
    {
        MemberSpace own = members[member];
        int keyColumns = shape.KvHeads * shape.HeadDim;
        int queryColumns = shape.Heads * shape.HeadDim;
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            LayerWeights weights = model.Layers[layer];
            Normalize(own, weights.AttentionNorm);
            Multiply(member, own.Normed, weights.Query, projections.Floats, add: false);
            Multiply(member, own.Normed, weights.Key, projections.Floats + queryColumns, add: false);
            Multiply(member, own.Normed, weights.Value, projections.Floats + queryColumns + keyColumns, add: false);
            team.Barrier();
            AttendShare(member, layer);
            team.Barrier();
            MergeAttention(own, layer);
            if (member == 0)
            {
                signals?.EndLayer(own.Merged);
            }

            Multiply(member, own.Attended, weights.Output, stream.Floats, add: true);
            team.Barrier();
            Normalize(own, weights.FeedForwardNorm);
            GateShare(member, weights);
            team.Barrier();
            Multiply(member, gated, weights.Down, stream.Floats, add: true);
            team.Barrier();
        }

        Normalize(own, model.OutputNorm);
        Multiply(member, own.Normed, model.Output, logits.Floats, add: false);
    }

    // The past of all KV heads in one line, cut evenly: a thread takes whole heads and at most two partial ones. While it is short, heads are
    // not cut: then sums have one order, whatever the number of threads, and it is that of a batched pass.
    private void AttendShare(int member, int layer)
    {
        int blocks = AttentionWorker.Blocks(past);
        int pieceBlocks = blocks <= WholeHeadBlocks ? Math.Max(blocks, 1) : 1;
        int pieces = Math.Max(blocks, 1) / pieceBlocks;
        (int from, int to) = team.Share(pieces * shape.KvHeads, member);
        int perKv = shape.Heads / shape.KvHeads;
        MemberSpace own = members[member];
        for (int head = 0; head < shape.KvHeads; head++)
        {
            int first = Math.Max(from - (head * pieces), 0);
            int last = Math.Min(to - (head * pieces), pieces);
            if (first >= last)
            {
                own.Worker.Clear(head);
                continue;
            }

            Span<float> queries = own.Queries.FloatSpan(0, perKv * shape.HeadDim);
            projections.FloatSpan(head * queries.Length, queries.Length).CopyTo(queries);
            heads.PrepareQueries(own.Queries.Floats, layer, head, position);
            own.Worker.Begin(layer, head, position, queries);
            own.Worker.AttendBlocks(layer, head, past, first * pieceBlocks, last * pieceBlocks);
            if (last == pieces)
            {
                AttendNewest(own.Worker, layer, head);
            }
        }
    }

    // The token itself comes last, outside the streams: nobody reads its slot while it is written.
    private void AttendNewest(AttentionWorker worker, int layer, int head)
    {
        heads.PrepareKeyValue(projections.Floats, layer, head, position);
        ReadOnlySpan<float> key = projections.FloatSpan((shape.Heads + head) * shape.HeadDim, shape.HeadDim);
        ReadOnlySpan<float> value = projections.FloatSpan((shape.Heads + shape.KvHeads + head) * shape.HeadDim, shape.HeadDim);
        int lane = (layer * shape.KvHeads) + head;
        cache.WriteKey(place, lane, key);
        cache.WriteValue(place, lane, value);
        worker.AttendToken(head, position, key, value);
        signals?.Score(worker, lane, position, key);
    }

    private void MergeAttention(MemberSpace own, int layer)
    {
        int width = shape.Heads / shape.KvHeads * shape.HeadDim;
        Span<float> output = own.Attended.Row(0);
        for (int head = 0; head < shape.KvHeads; head++)
        {
            own.Merged.Clear(head);
            foreach (MemberSpace other in members)
            {
                own.Merged.Merge(other.Worker, head);
            }

            Span<float> part = output.Slice(head * width, width);
            own.Merged.Finish(head, part);
            HeadRows.Restore(cache, shape, layer, head, part);
        }

        own.Attended.Ready(0);
    }

    // Gate and up rows are shared out in runs of 32, so that a thread can quantize what it has finished.
    private void GateShare(int member, LayerWeights weights)
    {
        MemberSpace own = members[member];
        (int from, int to) = team.Share(shape.FeedForward / QuantizedRows.BlockColumns, member);
        own.Normed.Multiply(weights.Gate, from * GateOctets, to * GateOctets, 0, 1, gates.Floats, 0, add: false, own.Unpacked.Floats);
        float* up = gates.Floats + shape.FeedForward;
        own.Normed.Multiply(weights.Up, from * GateOctets, to * GateOctets, 0, 1, up, 0, add: false, own.Unpacked.Floats);
        int start = from * QuantizedRows.BlockColumns;
        int count = (to - from) * QuantizedRows.BlockColumns;
        SwiGlu.Apply(gates.FloatSpan(start, count), gates.FloatSpan(shape.FeedForward + start, count), gated.Row(0).Slice(start, count));
        gated.Ready(0, start, start + count);
    }

    private void Normalize(MemberSpace own, float[] weight)
    {
        RmsNorm.Apply(stream.FloatSpan(0, shape.Hidden), weight, shape.RmsEpsilon, own.Normed.Row(0));
        own.Normed.Ready(0);
    }

    private void Multiply(int member, Activations inputs, PackedMatrix weights, float* output, bool add)
    {
        (int from, int to) = team.Share(weights.Octets, member);
        inputs.Multiply(weights, from, to, 0, 1, output, 0, add, members[member].Unpacked.Floats);
    }
}
