using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// One token through all layers with five barriers per layer. What is cheap (norms, quantization of inputs, merging of attention parts)
/// every thread does for itself; matrix products are shared out by weight rows, attention by 32-token blocks of the streams.
/// </summary>
internal sealed unsafe class DecodeStep : IDisposable
{
    private const int GateOctets = QuantizedRows.BlockColumns / PackedMatrix.OctetRows;

    private readonly LlamaModel model;
    private readonly LlamaShape shape;
    private readonly PackedKvCache cache;
    private readonly ThreadTeam team;
    private readonly HeadRows heads;
    private readonly StepSignals? signals;
    private readonly StepTimes? times;
    private readonly MemberSpace[] members;
    private readonly AttentionParts parts;
    private readonly Activations gated;
    private readonly NativeBuffer stream;
    private readonly NativeBuffer projections;
    private readonly NativeBuffer gates;
    private readonly NativeBuffer logits;
    private readonly LogitBlock[] blocks;
    private readonly Action<int> run;
    private readonly int[] past = new int[PackedKvCache.MaxStreams]; // Tokens of each stream before the newest.
    private TokenPlace place;
    private int position;

    public DecodeStep(LlamaModel model, PackedKvCache cache, RotaryEmbedding rotary, ThreadTeam team, bool precise, SignalRecorder? recorder, StepTimes? times)
    {
        this.times = times;
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
            members[i].Worker.Clock = times?.Clock(i).Blocks;
        }

        parts = new AttentionParts(cache);
        gated = new Activations(1, shape.FeedForward, model.Arithmetic);
        stream = NativeBuffer.OfFloats(shape.Hidden);
        projections = NativeBuffer.OfFloats((shape.Heads + (2 * shape.KvHeads)) * shape.HeadDim);
        gates = NativeBuffer.OfFloats(2L * shape.FeedForward);
        logits = NativeBuffer.OfFloats(shape.Vocabulary);
        blocks = new LogitBlock[LogitBlock.Count(shape.Vocabulary)];
        run = RunMember;
    }

    /// <summary>[vocabulary] logits of the last step.</summary>
    public ReadOnlySpan<float> Logits => logits.FloatSpan(0, shape.Vocabulary);

    /// <summary>Stages a token and runs it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="next">What the logits are like.</param>
    /// <returns>[vocabulary] logits.</returns>
    public Span<float> Run(int token, out NextTokenStatistics next)
    {
        signals?.Begin();
        position = cache.Count;
        cache.Counts.CopyTo(past);
        parts.Cut(AttentionWorker.Blocks(past));
        place = cache.Stage();
        model.Embedding.ReadRow(token, stream.FloatSpan(0, shape.Hidden));
        team.Run(run);
        Span<float> result = logits.FloatSpan(0, shape.Vocabulary);
        LogitsCheck.ThrowIfNotANumber(blocks);
        next = NextTokenStatistics.Join(blocks, result);
        return result;
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[gated, stream, projections, gates, logits, parts, .. members])
        {
            part.Dispose();
        }
    }

    private void RunMember(int member)
    {
        MemberSpace own = members[member];
        StepClock? clock = times?.Clock(member);
        clock?.Start();
        int keyColumns = shape.KvHeads * shape.HeadDim;
        int queryColumns = shape.Heads * shape.HeadDim;
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            LayerWeights weights = model.Layers[layer];
            Normalize(own, weights.AttentionNorm);
            clock?.Mark(StepPart.Norms);
            Multiply(member, own.Normed, weights.Query, projections.Floats, add: false);
            Multiply(member, own.Normed, weights.Key, projections.Floats + queryColumns, add: false);
            Multiply(member, own.Normed, weights.Value, projections.Floats + queryColumns + keyColumns, add: false);
            clock?.Mark(StepPart.QueryKeyValue);
            Wait(clock);
            AttendShare(member, layer, clock);
            Wait(clock);
            MergeAttention(own, layer);
            clock?.Mark(StepPart.AttentionMerge);
            if (member == 0 && signals is not null)
            {
                signals.EndLayer(own.Merged);
                clock?.Mark(StepPart.Signals);
            }

            Multiply(member, own.Attended, weights.Output, stream.Floats, add: true);
            clock?.Mark(StepPart.AttentionOutput);
            Wait(clock);
            Normalize(own, weights.FeedForwardNorm);
            clock?.Mark(StepPart.Norms);
            GateShare(member, weights, clock);
            Wait(clock);
            Multiply(member, gated, weights.Down, stream.Floats, add: true);
            clock?.Mark(StepPart.Down);
            Wait(clock);
        }

        Normalize(own, model.OutputNorm);
        clock?.Mark(StepPart.Norms);
        PredictShare(member, own, clock);
        if (clock is not null)
        {
            Wait(clock); // Also at the end: the threads' times then add up to the same whole.
        }
    }

    // The output matrix is shared out by blocks of logits: a thread measures what it has just written.
    private void PredictShare(int member, MemberSpace own, StepClock? clock)
    {
        const int BlockOctets = LogitBlock.Length / PackedMatrix.OctetRows;
        WorkShare share = team.Share(blocks.Length, member);
        own.Normed.Multiply(model.Output, share.Times(BlockOctets, model.Output.Octets), 0, 1, logits.Floats, 0, add: false, own.Unpacked.Floats);
        clock?.Mark(StepPart.Logits);
        foreach (int block in share)
        {
            int start = block * LogitBlock.Length;
            blocks[block] = LogitBlock.Of(logits.FloatSpan(start, Math.Min(LogitBlock.Length, shape.Vocabulary - start)));
        }

        clock?.Mark(StepPart.Statistics);
    }

    private void Wait(StepClock? clock)
    {
        team.Barrier();
        clock?.Mark(StepPart.Waiting);
    }

    // The pieces of all KV heads in one line: a thread takes whole heads and at most two partial ones.
    private void AttendShare(int member, int layer, StepClock? clock)
    {
        int perKv = shape.Heads / shape.KvHeads;
        MemberSpace own = members[member];
        int begun = -1;
        foreach (int index in team.Share(shape.KvHeads * parts.Pieces, member))
        {
            (int head, int piece) = Math.DivRem(index, parts.Pieces);
            if (head != begun)
            {
                Span<float> queries = own.Queries.FloatSpan(0, perKv * shape.HeadDim);
                projections.FloatSpan(head * queries.Length, queries.Length).CopyTo(queries);
                heads.PrepareQueries(own.Queries.Floats, layer, head, position);
                own.Worker.Begin(layer, head, position, queries);
                begun = head;
            }

            own.Worker.BeginPiece(parts, head, piece);
            clock?.Mark(StepPart.HeadRows);
            (int first, int last) = parts.BlocksOf(piece);
            own.Worker.AttendBlocks(layer, head, past, first, last);
            clock?.MarkAttention();
            if (piece == parts.Pieces - 1)
            {
                AttendNewest(own.Worker, layer, head, clock);
            }
        }
    }

    // The token itself comes last, outside the streams: nobody reads its slot while it is written.
    private void AttendNewest(AttentionWorker worker, int layer, int head, StepClock? clock)
    {
        heads.PrepareKeyValue(projections.Floats, layer, head, position);
        ReadOnlySpan<float> key = projections.FloatSpan((shape.Heads + head) * shape.HeadDim, shape.HeadDim);
        ReadOnlySpan<float> value = projections.FloatSpan((shape.Heads + shape.KvHeads + head) * shape.HeadDim, shape.HeadDim);
        int lane = (layer * shape.KvHeads) + head;
        cache.WriteKey(place, lane, key);
        cache.WriteValue(place, lane, value);
        worker.AttendToken(head, position, key, value);
        clock?.Mark(StepPart.HeadRows);
        if (signals is not null)
        {
            signals.Score(worker, lane, position, key);
            clock?.Mark(StepPart.Signals);
        }
    }

    private void MergeAttention(MemberSpace own, int layer)
    {
        int width = shape.Heads / shape.KvHeads * shape.HeadDim;
        Span<float> output = own.Attended.Row(0);
        for (int head = 0; head < shape.KvHeads; head++)
        {
            own.Merged.Merge(parts, head);
            Span<float> part = output.Slice(head * width, width);
            own.Merged.Finish(head, part);
            HeadRows.Restore(cache, shape, layer, head, part);
        }

        own.Attended.Ready(0);
    }

    // Gate and up rows are shared out in runs of 32, so that a thread can quantize what it has finished.
    private void GateShare(int member, LayerWeights weights, StepClock? clock)
    {
        MemberSpace own = members[member];
        WorkShare blocks = team.Share(shape.FeedForward / QuantizedRows.BlockColumns, member);
        WorkShare octets = blocks.Times(GateOctets, weights.Gate.Octets);
        WorkShare columns = blocks.Times(QuantizedRows.BlockColumns, shape.FeedForward);
        own.Normed.Multiply(weights.Gate, octets, 0, 1, gates.Floats, 0, add: false, own.Unpacked.Floats);
        own.Normed.Multiply(weights.Up, octets, 0, 1, gates.Floats + shape.FeedForward, 0, add: false, own.Unpacked.Floats);
        clock?.Mark(StepPart.GateUp);
        SwiGlu.Apply(
            gates.FloatSpan(columns.From, columns.Count),
            gates.FloatSpan(shape.FeedForward + columns.From, columns.Count),
            gated.Row(0).Slice(columns.From, columns.Count));
        gated.Ready(0, columns);
        clock?.Mark(StepPart.Activation);
    }

    private void Normalize(MemberSpace own, float[] weight)
    {
        RmsNorm.Apply(stream.FloatSpan(0, shape.Hidden), weight, shape.RmsEpsilon, own.Normed.Row(0));
        own.Normed.Ready(0);
    }

    private void Multiply(int member, Activations inputs, PackedMatrix weights, float* output, bool add) =>
        inputs.Multiply(weights, team.Share(weights.Octets, member), 0, 1, output, 0, add, members[member].Unpacked.Floats);
}
