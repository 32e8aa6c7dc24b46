using System.Numerics.Tensors;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// Runs a batch of rows through all layers: prompt chunks, passes with known tiers, branches of one prefix. Matrix products are shared
/// out by weight rows, everything else by batch rows; the barriers between the phases are the only synchronization.
/// </summary>
internal sealed unsafe class BatchPass(
    LlamaModel model, PackedKvCache cache, RotaryEmbedding rotary, ThreadTeam team, BatchPlan plan, SignalRecorder? signals, HiddenRecorder? states, HeadObserver? observer, StepTimes? times)
{
    private readonly LlamaShape shape = model.Shape;

    /// <summary>One member's part; the residual stream ends in <paramref name="space"/>.</summary>
    public void Run(int member, Workspace space)
    {
        StepClock? clock = times?.Clock(member);
        clock?.Start();
        int hidden = shape.Hidden;
        foreach (int row in Rows(member))
        {
            model.Embedding.ReadRow(plan.Tokens[row], new Span<float>(space.Stream + ((long)row * hidden), hidden));
            signals?.Clear(row);
        }

        EndPart(StepPart.Norms, clock);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            LayerWeights weights = model.Layers[layer];
            Normalize(member, space, weights.AttentionNorm, clock);
            Project(member, space, weights, clock);
            Attend(member, space, layer, clock);
            Multiply(member, space.Attended, weights.Output, space.Stream, hidden, add: true, space);
            EndPart(StepPart.AttentionOutput, clock);
            FeedForward(member, space, weights, clock);
            Keep(member, space, layer + 1);
        }
    }

    // Nobody writes to the stream before the next barrier but one.
    private void Keep(int member, Workspace space, int done)
    {
        if (states?.Layer != done)
        {
            return;
        }

        foreach (int row in Rows(member))
        {
            new ReadOnlySpan<float>(space.Stream + ((long)row * shape.Hidden), shape.Hidden).CopyTo(states.Of(row));
        }
    }

    private void Project(int member, Workspace space, LayerWeights weights, StepClock? clock)
    {
        int stride = space.ProjectionColumns;
        Multiply(member, space.Normed, weights.Query, space.Projections, stride, add: false, space);
        Multiply(member, space.Normed, weights.Key, space.Projections + space.QueryColumns, stride, add: false, space);
        Multiply(member, space.Normed, weights.Value, space.Projections + space.QueryColumns + space.KeyColumns, stride, add: false, space);
        EndPart(StepPart.QueryKeyValue, clock);
    }

    // What a thread has done is read by the others.
    private void EndPart(StepPart part, StepClock? clock)
    {
        clock?.Mark(part);
        team.Barrier();
        clock?.Mark(StepPart.Waiting);
    }

    private void Attend(int member, Workspace space, int layer, StepClock? clock)
    {
        HeadRows heads = new(shape, cache, rotary);
        foreach (int row in Rows(member))
        {
            heads.Prepare(space.Projections + ((long)row * space.ProjectionColumns), layer, plan.Positions[row]);
        }

        EndPart(StepPart.HeadRows, clock);
        Observe(member, space, layer);
        foreach ((Segment segment, int firstRow) in plan.Segments)
        {
            if (member == 0)
            {
                plan.Mark(cache.Map, segment, firstRow);
            }

            // Keys and values of each lane are written by one thread in order: neighbouring tokens share bytes.
            foreach (int part in team.Items(2 * shape.KvHeads, member))
            {
                heads.Write(space, plan, layer, part, firstRow, segment.Count);
            }

            EndPart(StepPart.HeadRows, clock);
            // As large as leaves work for every thread.
            int size = Math.Clamp(segment.Count / (2 * team.Threads), 1, AttentionWorker.MostTogether);
            foreach (int group in team.Items((segment.Count + size - 1) / size, member))
            {
                AttendRows(member, space, layer, firstRow + (group * size), Math.Min(size, segment.Count - (group * size)), clock);
            }

            EndPart(StepPart.AttentionMerge, clock);
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
        foreach (int head in team.Items(shape.KvHeads, member))
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

    private void AttendRows(int member, Workspace space, int layer, int firstRow, int rows, StepClock? clock)
    {
        int width = shape.Heads / shape.KvHeads * shape.HeadDim;
        ReadOnlySpan<AttentionWorker> workers = space.Workers.AsSpan(member * AttentionWorker.MostTogether, rows);
        Span<float> weights = stackalloc float[rows * shape.Heads];
        for (int head = 0; head < shape.KvHeads; head++)
        {
            for (int i = 0; i < rows; i++)
            {
                float* queries = space.Projections + ((long)(firstRow + i) * space.ProjectionColumns);
                workers[i].Begin(layer, head, plan.Positions[firstRow + i], new ReadOnlySpan<float>(queries + (head * width), width));
            }

            clock?.Mark(StepPart.HeadRows);
            workers[0].AttendTogether(workers, layer, head, plan.CountsOf(firstRow, rows), space.Wide(member));
            clock?.MarkAttention();
            for (int i = 0; i < rows; i++)
            {
                FinishRow(space, workers[i], layer, head, firstRow + i, weights.Slice((i * shape.Heads) + (head * width / shape.HeadDim), width / shape.HeadDim), clock);
            }
        }

        for (int i = 0; i < rows; i++)
        {
            signals?.AddLayer(firstRow + i, weights.Slice(i * shape.Heads, shape.Heads));
            space.Attended.Ready(firstRow + i);
        }
    }

    private void FinishRow(Workspace space, AttentionWorker worker, int layer, int head, int row, Span<float> weights, StepClock? clock)
    {
        if (plan.Encoded)
        {
            worker.AttendToken(head, plan.Positions[row], Key(space, head, row), Value(space, head, row));
            AttendRecent(space, worker, layer, head, row);
        }

        if (signals is not null)
        {
            Record(signals, space, worker, layer, head, row, weights);
            clock?.Mark(StepPart.Signals);
        }

        int width = weights.Length * shape.HeadDim;
        Span<float> own = space.Attended.Row(row).Slice(head * width, width);
        worker.Finish(head, own);
        HeadRows.Restore(cache, shape, layer, head, own);
        clock?.Mark(StepPart.AttentionMerge);
    }

    private void AttendRecent(Workspace space, AttentionWorker worker, int layer, int head, int row)
    {
        for (int back = 1; back <= Math.Min(plan.Recent, plan.Positions[row]); back++)
        {
            int position = plan.Positions[row] - back;
            if (back > row)
            {
                int lane = (layer * shape.KvHeads) + head;
                worker.AttendToken(head, position, plan.Tail.Key(position, lane), plan.Tail.Value(position, lane));
                continue;
            }

            worker.AttendToken(head, position, Key(space, head, row - back), Value(space, head, row - back));
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

    private ReadOnlySpan<float> Value(Workspace space, int head, int row) =>
        new(space.Projections + ((long)row * space.ProjectionColumns) + space.QueryColumns + space.KeyColumns + (head * shape.HeadDim), shape.HeadDim);

    private void FeedForward(int member, Workspace space, LayerWeights weights, StepClock? clock)
    {
        Normalize(member, space, weights.FeedForwardNorm, clock);
        ProductUnits units = ProductUnits.OfTiles(weights.Gate.Octets, plan.Rows, team.Threads);
        foreach (WorkShare part in team.Parts(units.Count, member))
        {
            for (WorkShare left = part; left.Count > 0;)
            {
                left = units.Split(left, out WorkShare octets, out WorkShare own);
                for (int octet = octets.From; octet < octets.To; octet += WordTile.Octets)
                {
                    space.Gates[member].Run(space.Normed, weights, new WorkShare(octet, octet + WordTile.Octets), own, space.Gated, space.Unpacked(member), clock);
                }
            }
        }

        EndPart(StepPart.Activation, clock);
        Multiply(member, space.Gated, weights.Down, space.Stream, shape.Hidden, add: true, space);
        EndPart(StepPart.Down, clock);
    }

    private void Normalize(int member, Workspace space, float[] weight, StepClock? clock)
    {
        foreach (int row in Rows(member))
        {
            ReadOnlySpan<float> input = new(space.Stream + ((long)row * shape.Hidden), shape.Hidden);
            RmsNorm.Apply(input, weight, shape.RmsEpsilon, space.Normed.Row(row));
            space.Normed.Ready(row);
        }

        EndPart(StepPart.Norms, clock);
    }

    private void Multiply(int member, Activations inputs, PackedMatrix weights, float* output, int stride, bool add, Workspace space) =>
        inputs.Multiply(weights, team, member, 0, plan.Rows, output, stride, add, space.Unpacked(member));

    private WorkItems Rows(int member) => team.Items(plan.Rows, member);
}
