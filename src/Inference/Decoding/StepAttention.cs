using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// The attention of a step: each sequence's queries to its own past and to its new token. Which thread sums a piece of a past does not change its bits.
/// </summary>
/// <param name="shape">Of the model.</param>
/// <param name="team">Runs the step.</param>
/// <param name="sequences">Those of the step, from the first on.</param>
/// <param name="members">Scratch, by thread.</param>
/// <param name="projections">[sequence]: queries, keys and values of all heads.</param>
internal sealed unsafe class StepAttention(LlamaShape shape, ThreadTeam team, StepSequence[] sequences, MemberSpace[] members, NativeBuffer projections)
{
    private readonly int projectionColumns = (shape.Heads + (2 * shape.KvHeads)) * shape.HeadDim;
    private int rows;
    private int pieces;

    /// <summary>Begins a step of so many sequences, whose pasts are cut.</summary>
    public void Cut(int count)
    {
        (rows, pieces) = (count, 0);
        foreach (StepSequence sequence in sequences.AsSpan(0, count))
        {
            pieces += shape.KvHeads * sequence.Parts.Pieces;
        }
    }

    /// <summary>A member's part: of the pieces of all sequences' pasts in one line, head after head.</summary>
    public void Attend(int member, int layer, StepClock? clock)
    {
        foreach (WorkShare part in team.Parts(pieces, member))
        {
            int first = 0;
            for (int row = 0; row < rows && first < part.To; row++)
            {
                int own = shape.KvHeads * sequences[row].Parts.Pieces;
                Attend(member, layer, row, new WorkShare(Math.Clamp(part.From - first, 0, own), Math.Clamp(part.To - first, 0, own)), clock);
                first += own;
            }
        }
    }

    private void Attend(int member, int layer, int row, WorkShare share, StepClock? clock)
    {
        StepSequence sequence = sequences[row];
        AttentionParts parts = sequence.Parts;
        AttentionWorker worker = sequence.Worker(member);
        Span<float> queries = members[member].Queries.FloatSpan(0, shape.Heads / shape.KvHeads * shape.HeadDim);
        int begun = -1;
        foreach (int index in share)
        {
            (int head, int piece) = Math.DivRem(index, parts.Pieces);
            if (head != begun)
            {
                projections.FloatSpan(((long)row * projectionColumns) + (head * queries.Length), queries.Length).CopyTo(queries);
                sequence.Heads.PrepareQueries(members[member].Queries.Floats, layer, head, sequence.Position);
                worker.Begin(layer, head, sequence.Position, queries);
                begun = head;
            }

            worker.BeginPiece(parts, head, piece);
            clock?.Mark(StepPart.HeadRows);
            (int first, int last) = parts.BlocksOf(piece);
            worker.AttendBlocks(layer, head, sequence.Past, first, last);
            clock?.MarkAttention();
            if (piece == parts.Pieces - 1)
            {
                AttendNewest(sequence, worker, layer, head, projections.Floats + ((long)row * projectionColumns), clock);
            }
        }
    }

    // The token itself comes last, outside the streams: nobody reads its slot while it is written.
    private void AttendNewest(StepSequence sequence, AttentionWorker worker, int layer, int head, float* own, StepClock? clock)
    {
        sequence.Heads.PrepareKeyValue(own, layer, head, sequence.Position);
        ReadOnlySpan<float> key = new(own + ((shape.Heads + head) * shape.HeadDim), shape.HeadDim);
        ReadOnlySpan<float> value = new(own + ((shape.Heads + shape.KvHeads + head) * shape.HeadDim), shape.HeadDim);
        int lane = (layer * shape.KvHeads) + head;
        sequence.Cache.WriteKey(sequence.Place, lane, key);
        sequence.Cache.WriteValue(sequence.Place, lane, value);
        worker.AttendToken(head, sequence.Position, key, value);
        clock?.Mark(StepPart.HeadRows);
        if (sequence.Signals is not null)
        {
            sequence.Signals.Score(worker, lane, sequence.Position, key);
            clock?.Mark(StepPart.Signals);
        }
    }

    /// <summary>Joins the pieces of a sequence, and brings their sums back to the model's space.</summary>
    /// <param name="member">Who does it.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="output">[Heads * HeadDim].</param>
    public void Merge(int member, int row, int layer, Span<float> output)
    {
        StepSequence sequence = sequences[row];
        AttentionWorker merged = sequence.Merged(member);
        int width = shape.Heads / shape.KvHeads * shape.HeadDim;
        for (int head = 0; head < shape.KvHeads; head++)
        {
            merged.Merge(sequence.Parts, head);
            Span<float> part = output.Slice(head * width, width);
            merged.Finish(head, part);
            HeadRows.Restore(sequence.Cache, shape, layer, head, part);
        }
    }
}
