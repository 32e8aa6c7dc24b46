using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// One token of each of some sequences through all layers. The threads share out matrix products by weight rows, so that each weight is read once for all
/// sequences, attention by pieces of the pasts. Alone a token takes five barriers per layer: what is cheap (norms, quantization of inputs, merging of
/// attention parts) every thread does for itself. Together the threads share it out by sequences, for three barriers more. The sums and their order are
/// the same either way.
/// </summary>
internal sealed unsafe class DecodeStep : IDisposable
{
    private const int GateOctets = QuantizedRows.BlockColumns / PackedMatrix.OctetRows;

    private readonly LlamaModel model;
    private readonly LlamaShape shape;
    private readonly ThreadTeam team;
    private readonly StepTimes? times;
    private readonly StepSequence[] sequences;
    private readonly MemberSpace[] members;
    private readonly StepAttention attention;
    private readonly Activations[] normed; // One that all threads fill, or one for each that fills it alone.
    private readonly Activations[] attended;
    private readonly Activations gated;
    private readonly NativeBuffer stream; // [sequence][hidden]
    private readonly NativeBuffer projections; // [sequence][projectionColumns]
    private readonly NativeBuffer gates; // [gate, up][sequence][feedForward]
    private readonly NativeBuffer logits; // [sequence][vocabulary]
    private readonly int queryColumns;
    private readonly int projectionColumns;
    private readonly Action<int> run;
    private int rows;

    /// <summary>Prepares scratch memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="team">Runs the steps.</param>
    /// <param name="capacity">Most sequences of a step.</param>
    /// <param name="times">Where the time goes; null where nobody asks.</param>
    public DecodeStep(LlamaModel model, ThreadTeam team, int capacity, StepTimes? times)
    {
        (this.model, this.team, this.times) = (model, team, times);
        shape = model.Shape;
        queryColumns = shape.Heads * shape.HeadDim;
        projectionColumns = queryColumns + (2 * shape.KvHeads * shape.HeadDim);
        sequences = new StepSequence[capacity];
        members = [.. Enumerable.Range(0, team.Threads).Select(_ => new MemberSpace(model, capacity))];
        int copies = capacity == 1 ? team.Threads : 1;
        normed = [.. Enumerable.Range(0, copies).Select(_ => new Activations(capacity, shape.Hidden, model.Arithmetic))];
        attended = [.. Enumerable.Range(0, copies).Select(_ => new Activations(capacity, queryColumns, model.Arithmetic))];
        gated = new Activations(capacity, shape.FeedForward, model.Arithmetic);
        stream = NativeBuffer.OfFloats((long)capacity * shape.Hidden);
        projections = NativeBuffer.OfFloats((long)capacity * projectionColumns);
        gates = NativeBuffer.OfFloats(2L * capacity * shape.FeedForward);
        logits = NativeBuffer.OfFloats(capacity == 1 ? 0 : (long)capacity * shape.Vocabulary);
        attention = new StepAttention(shape, team, sequences, members, projections);
        run = RunMember;
    }

    private bool IsAlone => sequences.Length == 1;

    /// <summary>Stages a token of each sequence and runs it; the logits are the sequences'.</summary>
    /// <param name="together">One to as many as the step was made for, each once.</param>
    /// <param name="tokens">One for each.</param>
    public void Run(ReadOnlySpan<StepSequence> together, ReadOnlySpan<int> tokens)
    {
        rows = together.Length;
        together.CopyTo(sequences);
        for (int row = 0; row < rows; row++)
        {
            together[row].Begin(team.Threads);
            model.Embedding.ReadRow(tokens[row], stream.FloatSpan((long)row * shape.Hidden, shape.Hidden));
        }

        attention.Cut(rows);
        team.Run(run);
        foreach (StepSequence sequence in together)
        {
            sequence.End();
        }
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[.. normed, .. attended, gated, stream, projections, gates, logits, .. members])
        {
            part.Dispose();
        }
    }

    private void RunMember(int member)
    {
        StepClock? clock = times?.Clock(member);
        clock?.Start();
        Activations input = normed[member % normed.Length], output = attended[member % attended.Length];
        int keyColumns = shape.KvHeads * shape.HeadDim;
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            LayerWeights weights = model.Layers[layer];
            Normalize(member, input, weights.AttentionNorm, clock);
            Multiply(member, input, weights.Query, projections.Floats, projectionColumns, add: false);
            Multiply(member, input, weights.Key, projections.Floats + queryColumns, projectionColumns, add: false);
            Multiply(member, input, weights.Value, projections.Floats + queryColumns + keyColumns, projectionColumns, add: false);
            clock?.Mark(StepPart.QueryKeyValue);
            Wait(clock);
            attention.Attend(member, layer, clock);
            Wait(clock);
            MergeAttention(member, output, layer, clock);
            Multiply(member, output, weights.Output, stream.Floats, shape.Hidden, add: true);
            clock?.Mark(StepPart.AttentionOutput);
            Wait(clock);
            Normalize(member, input, weights.FeedForwardNorm, clock);
            GateShare(member, input, weights, clock);
            Wait(clock);
            Multiply(member, gated, weights.Down, stream.Floats, shape.Hidden, add: true);
            clock?.Mark(StepPart.Down);
            Wait(clock);
            Keep(member, layer + 1);
        }

        Normalize(member, input, model.OutputNorm, clock);
        PredictShare(member, input, clock);
        if (clock is not null)
        {
            Wait(clock); // Also at the end: the threads' times then add up to the same whole.
        }
    }

    // Nobody writes to the stream before the next barrier. A copy is done sooner than it is shared out.
    private void Keep(int member, int done)
    {
        for (int row = 0; member == 0 && row < rows; row++)
        {
            if (sequences[row].Hidden is { } hidden && hidden.Layer == done)
            {
                stream.FloatSpan((long)row * shape.Hidden, shape.Hidden).CopyTo(hidden.Of(0));
            }
        }
    }

    // The output matrix is shared out by blocks of logits: a thread measures what it has just written.
    private void PredictShare(int member, Activations input, StepClock? clock)
    {
        const int BlockOctets = LogitBlock.Length / PackedMatrix.OctetRows;
        float* target = IsAlone ? sequences[0].FirstLogit : logits.Floats;
        foreach (WorkShare blocks in team.Parts(LogitBlock.Count(shape.Vocabulary), member))
        {
            input.Multiply(model.Output, blocks.Times(BlockOctets, model.Output.Octets), 0, rows, target, shape.Vocabulary, add: false, members[member].Unpacked.Floats);
            clock?.Mark(StepPart.Logits);
            for (int row = 0; row < rows; row++)
            {
                Measure(row, blocks);
            }

            clock?.Mark(StepPart.Statistics);
        }
    }

    private void Measure(int row, WorkShare blocks)
    {
        foreach (int block in blocks)
        {
            int start = block * LogitBlock.Length;
            Span<float> own = sequences[row].Logits.Slice(start, Math.Min(LogitBlock.Length, shape.Vocabulary - start));
            if (!IsAlone)
            {
                logits.FloatSpan(((long)row * shape.Vocabulary) + start, own.Length).CopyTo(own);
            }

            sequences[row].Blocks[block] = LogitBlock.Of(own);
        }
    }

    private void Wait(StepClock? clock)
    {
        team.Barrier();
        clock?.Mark(StepPart.Waiting);
    }

    private void MergeAttention(int member, Activations output, int layer, StepClock? clock)
    {
        if (IsAlone)
        {
            MergeRow(member, output, 0, layer, clock);
            return;
        }

        foreach (int row in team.Items(rows, member))
        {
            MergeRow(member, output, row, layer, clock);
        }

        Wait(clock);
    }

    private void MergeRow(int member, Activations output, int row, int layer, StepClock? clock)
    {
        attention.Merge(member, row, layer, output.Row(row));
        output.Ready(row);
        clock?.Mark(StepPart.AttentionMerge);
        if (sequences[row].Signals is { } signals && (member == 0 || !IsAlone))
        {
            signals.EndLayer(sequences[row].Merged(member));
            clock?.Mark(StepPart.Signals);
        }
    }

    // Gate and up rows are shared out in runs of 64, of 32 where those are too few for the threads, so that a thread can quantize what it has finished.
    private void GateShare(int member, Activations input, LayerWeights weights, StepClock? clock)
    {
        int blocks = shape.FeedForward / QuantizedRows.BlockColumns;
        int run = blocks < 2 * ProductUnits.WantedOfThread * team.Threads ? 1 : 2;
        float* up = gates.Floats + ((long)sequences.Length * shape.FeedForward);
        float* unpacked = members[member].Unpacked.Floats;
        foreach (WorkShare runs in team.Parts((blocks + run - 1) / run, member))
        {
            WorkShare part = runs.Times(run, blocks);
            WorkShare octets = part.Times(GateOctets, weights.Gate.Octets);
            WorkShare columns = part.Times(QuantizedRows.BlockColumns, shape.FeedForward);
            input.Multiply(weights.Gate, octets, 0, rows, gates.Floats, shape.FeedForward, add: false, unpacked);
            input.Multiply(weights.Up, octets, 0, rows, up, shape.FeedForward, add: false, unpacked);
            clock?.Mark(StepPart.GateUp);
            for (int row = 0; row < rows; row++)
            {
                long offset = ((long)row * shape.FeedForward) + columns.From;
                SwiGlu.Apply(new ReadOnlySpan<float>(gates.Floats + offset, columns.Count), new ReadOnlySpan<float>(up + offset, columns.Count), gated.Row(row).Slice(columns.From, columns.Count));
                gated.Ready(row, columns);
            }

            clock?.Mark(StepPart.Activation);
        }
    }

    private void Normalize(int member, Activations input, float[] weight, StepClock? clock)
    {
        if (IsAlone)
        {
            NormalizeRow(input, 0, weight);
            clock?.Mark(StepPart.Norms);
            return;
        }

        foreach (int row in team.Items(rows, member))
        {
            NormalizeRow(input, row, weight);
        }

        clock?.Mark(StepPart.Norms);
        Wait(clock); // Before what the threads share out by sequences is read by all.
    }

    private void NormalizeRow(Activations input, int row, float[] weight)
    {
        RmsNorm.Apply(stream.FloatSpan((long)row * shape.Hidden, shape.Hidden), weight, shape.RmsEpsilon, input.Row(row));
        input.Ready(row);
    }

    private void Multiply(int member, Activations inputs, PackedMatrix weights, float* output, int stride, bool add) =>
        inputs.Multiply(weights, team, member, 0, rows, output, stride, add, members[member].Unpacked.Floats);
}
