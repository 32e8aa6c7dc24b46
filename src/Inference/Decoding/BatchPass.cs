using System.Numerics.Tensors;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// Runs a batch of rows through all layers: prompt chunks, passes with known tiers, branches of one prefix. Matrix products are shared
/// out by weight rows, everything else by batch rows; the barriers between the phases are the only synchronization.
/// </summary>
internal sealed unsafe class BatchPass(
    LlamaModel model, PackedKvCache cache, RotaryEmbedding rotary, ThreadTeam team, BatchPlan plan, SignalRecorder? signals, HeadObserver? observer)
{
    private readonly LlamaShape shape = model.Shape;

    /// <summary>One member's part; the residual stream ends in <paramref name="space"/>.</summary>
    public void Run(int member, Workspace space)
    {
        int hidden = shape.Hidden;
        foreach (int row in Rows(member))
        {
            model.Embedding.ReadRow(plan.Tokens[row], new Span<float>(space.Stream + ((long)row * hidden), hidden));
            signals?.Clear(row);
        }

        for (int layer = 0; layer < shape.Layers; layer++)
        {
            LayerWeights weights = model.Layers[layer];
            Normalize(member, space, weights.AttentionNorm);
            team.Barrier();
            Project(member, space, weights);
            team.Barrier();
            Attend(member, space, layer);
            Multiply(member, space.Attended, weights.Output, space.Stream, hidden, add: true, space);
            team.Barrier();
            FeedForward(member, space, weights);
        }
    }

    private void Project(int member, Workspace space, LayerWeights weights)
    {
        int stride = space.ProjectionColumns;
        Multiply(member, space.Normed, weights.Query, space.Projections, stride, add: false, space);
        Multiply(member, space.Normed, weights.Key, space.Projections + space.QueryColumns, stride, add: false, space);
        Multiply(member, space.Normed, weights.Value, space.Projections + space.QueryColumns + space.KeyColumns, stride, add: false, space);
    }

    private void Attend(int member, Workspace space, int layer)
    {
        HeadRows heads = new(shape, cache, rotary);
        foreach (int row in Rows(member))
        {
            heads.Prepare(space.Projections + ((long)row * space.ProjectionColumns), layer, plan.Positions[row]);
        }

        team.Barrier();
        Observe(member, space, layer);
        foreach ((Segment segment, int firstRow) in plan.Segments)
        {
            if (member == 0)
            {
                plan.Mark(cache.Map, segment, firstRow);
            }

            // Keys and values of each lane are written by one thread in order: neighbouring tokens share bytes.
            foreach (int part in team.Share(2 * shape.KvHeads, member))
            {
                heads.Write(space, plan, layer, part, firstRow, segment.Count);
            }

            team.Barrier();
            for (int row = firstRow + member; row < firstRow + segment.Count; row += team.Threads) // In turn: later rows see more.
            {
                AttendRow(space, space.Workers[member], layer, row);
            }

            team.Barrier();
        }
    }

    private void Observe(int member, Workspace space, int layer)
    {
        if (observer is null)
        {
            return;
        }

        int headDim = shape.HeadDim;
        int queryColumns = shape.Heads / shape.KvHeads * headDim;
        foreach (int head in team.Share(shape.KvHeads, member))
        {
            for (int row = 0; row < plan.Rows; row++)
            {
                float* queries = space.Projections + ((long)row * space.ProjectionColumns);
                float* key = queries + space.QueryColumns + (head * headDim);
                observer(
                    (layer * shape.KvHeads) + head,
                    plan.Positions[row],
                    new ReadOnlySpan<float>(key, headDim),
                    new ReadOnlySpan<float>(key + space.KeyColumns, headDim),
                    new ReadOnlySpan<float>(queries + (head * queryColumns), queryColumns));
            }
        }
    }

    private void AttendRow(Workspace space, AttentionWorker worker, int layer, int row)
    {
        int headDim = shape.HeadDim;
        int perKv = shape.Heads / shape.KvHeads;
        float* queries = space.Projections + ((long)row * space.ProjectionColumns);
        float* keys = queries + space.QueryColumns;
        float* values = keys + space.KeyColumns;
        Span<float> output = space.Attended.Row(row);
        Span<float> weights = stackalloc float[shape.Heads];
        for (int head = 0; head < shape.KvHeads; head++)
        {
            worker.Begin(layer, head, plan.Positions[row], new ReadOnlySpan<float>(queries + (head * perKv * headDim), perKv * headDim));
            worker.Attend(layer, head, plan.CountsOf(row));
            if (plan.Encoded)
            {
                worker.AttendToken(head, plan.Positions[row], new ReadOnlySpan<float>(keys + (head * headDim), headDim), new ReadOnlySpan<float>(values + (head * headDim), headDim));
                AttendRecent(space, worker, layer, head, row);
            }

            if (signals is not null)
            {
                Record(signals, space, worker, layer, head, row, weights.Slice(head * perKv, perKv));
            }

            Span<float> own = output.Slice(head * perKv * headDim, perKv * headDim);
            worker.Finish(head, own);
            HeadRows.Restore(cache, shape, layer, head, own);
        }

        signals?.AddLayer(row, weights);
        space.Attended.Ready(row);
    }

    private void AttendRecent(Workspace space, AttentionWorker worker, int layer, int head, int row)
    {
        int headDim = shape.HeadDim;
        for (int back = 1; back <= Math.Min(plan.Recent, plan.Positions[row]); back++)
        {
            int position = plan.Positions[row] - back;
            if (back > row)
            {
                int lane = (layer * shape.KvHeads) + head;
                worker.AttendToken(head, position, plan.Tail.Key(position, lane), plan.Tail.Value(position, lane));
                continue;
            }

            float* key = space.Projections + ((long)(row - back) * space.ProjectionColumns) + space.QueryColumns + (head * headDim);
            worker.AttendToken(head, position, new ReadOnlySpan<float>(key, headDim), new ReadOnlySpan<float>(key + space.KeyColumns, headDim));
        }
    }

    private void Record(SignalRecorder to, Workspace space, AttentionWorker worker, int layer, int head, int row, Span<float> weights)
    {
        ReadOnlySpan<float> own = Key(space, head, row);
        worker.Score(head, plan.Positions[row], own, weights);
        SignalRecorder.ToWeights(worker, head, weights);
        to.AddKey(row, TensorPrimitives.Norm(own));
        Span<float> given = stackalloc float[weights.Length];
        int segmentRow = row - plan.FirstRowOf(row);
        for (int back = 1; back <= Math.Min(to.Window, segmentRow); back++)
        {
            worker.Score(head, plan.Positions[row - back], Key(space, head, row - back), given);
            SignalRecorder.ToWeights(worker, head, given);
            to.AddGiven(row, back, given);
        }
    }

    private ReadOnlySpan<float> Key(Workspace space, int head, int row) =>
        new(space.Projections + ((long)row * space.ProjectionColumns) + space.QueryColumns + (head * shape.HeadDim), shape.HeadDim);

    private void FeedForward(int member, Workspace space, LayerWeights weights)
    {
        int width = shape.FeedForward;
        Normalize(member, space, weights.FeedForwardNorm);
        team.Barrier();
        Multiply(member, space.Normed, weights.Gate, space.Gate, width, add: false, space);
        Multiply(member, space.Normed, weights.Up, space.Up, width, add: false, space);
        team.Barrier();
        foreach (int row in Rows(member))
        {
            long offset = (long)row * width;
            SwiGlu.Apply(new ReadOnlySpan<float>(space.Gate + offset, width), new ReadOnlySpan<float>(space.Up + offset, width), space.Gated.Row(row));
            space.Gated.Ready(row);
        }

        team.Barrier();
        Multiply(member, space.Gated, weights.Down, space.Stream, shape.Hidden, add: true, space);
        team.Barrier();
    }

    private void Normalize(int member, Workspace space, float[] weight)
    {
        foreach (int row in Rows(member))
        {
            ReadOnlySpan<float> input = new(space.Stream + ((long)row * shape.Hidden), shape.Hidden);
            RmsNorm.Apply(input, weight, shape.RmsEpsilon, space.Normed.Row(row));
            space.Normed.Ready(row);
        }
    }

    private void Multiply(int member, Activations inputs, PackedMatrix weights, float* output, int stride, bool add, Workspace space) =>
        inputs.Multiply(weights, team.Share(weights.Octets, member), 0, plan.Rows, output, stride, add, space.Unpacked(member));

    private WorkShare Rows(int member) => team.Share(plan.Rows, member);
}
