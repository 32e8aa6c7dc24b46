using System.Numerics.Tensors;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training.Views;

/// <summary>A row with a controller's choice and probabilities; where the row is a cursor it moves with it.</summary>
internal sealed class ControllerRow : DataViewRowCursor
{
    private readonly ControllerMapper mapper;
    private readonly DataViewRow input;
    private readonly HashSet<int> active;
    private readonly Controller controller;
    private readonly Lazy<ValueGetter<VBuffer<float>>> features;
    private readonly float[] saliency = [.. SaliencyFeatures.All.Select(_ => float.NaN)];
    private readonly float[] logits;
    private readonly float[] scores;
    private VBuffer<float> values;
    private long known = -1;

    /// <param name="mapper">Of the row's schema.</param>
    /// <param name="column">The features in it.</param>
    /// <param name="input">The row, which is disposed of with this one.</param>
    /// <param name="active">What may be asked for.</param>
    public ControllerRow(ControllerMapper mapper, DataViewSchema.Column column, DataViewRow input, IEnumerable<DataViewSchema.Column> active)
    {
        (this.mapper, this.input, controller) = (mapper, input, mapper.Controller);
        this.active = [.. active.Select(asked => asked.Index)];
        features = new Lazy<ValueGetter<VBuffer<float>>>(() => input.GetGetter<VBuffer<float>>(column));
        (logits, scores) = (new float[controller.Tiers.Count], new float[controller.Tiers.Count]);
    }

    public override DataViewSchema Schema => mapper.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => ((DataViewRowCursor)input).MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new ArgumentException($"column '{column.Name}' is not among those that the cursor was opened for");
        }

        if (column.Index < mapper.InputSchema.Count)
        {
            return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
        }

        Delegate getter = column.Index == mapper.InputSchema.Count ? (ValueGetter<uint>)Choice : (ValueGetter<VBuffer<float>>)Scores;
        return getter as ValueGetter<TValue> ?? throw new ArgumentException($"column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}");
    }

    protected override void Dispose(bool disposing)
    {
        input.Dispose();
        base.Dispose(disposing);
    }

    // Keys count from 1. Of equal logits the first, as the decoder.
    private void Choice(ref uint value)
    {
        Compute();
        value = (uint)Array.IndexOf(logits, logits.Max()) + 1;
    }

    private void Scores(ref VBuffer<float> value)
    {
        Compute();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, scores.Length);
        scores.CopyTo(editor.Values);
        value = editor.Commit();
    }

    // Once for each row, whoever asks.
    private void Compute()
    {
        if (known == Position)
        {
            return;
        }

        features.Value(ref values);
        foreach ((int slot, float number) in values.Items(all: true))
        {
            saliency[(int)controller.Features[slot].Feature] = number;
        }

        controller.Logits(saliency, logits);
        TensorPrimitives.SoftMax(logits, scores);
        known = Position;
    }
}
