using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>A key or value format behind one set of calls, so that a test runs over all widths.</summary>
internal abstract unsafe class RowFormat
{
    public abstract bool IsCoded { get; }

    public abstract int Bytes(in CodeLayout layout);

    public abstract int RowBytes(in CodeLayout layout);

    public abstract void Extract(byte* unit, int token, byte* row, in CodeLayout layout);

    public abstract void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout);

    public abstract void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout);

    public abstract void Read(byte* unit, int token, Span<float> row, in CodeLayout layout);

    public static KeyRows Keys(BitWidth width) => width switch
    {
        BitWidth.Two => new Keys<CodedKeys<Planes2>>(),
        BitWidth.Three => new Keys<CodedKeys<Planes3>>(),
        BitWidth.Four => new Keys<CodedKeys<Planes4>>(),
        BitWidth.Eight => new Keys<CodedKeys<Planes8>>(),
        BitWidth.Sixteen => new Keys<FloatKeys<HalfRow>>(),
        _ => new Keys<FloatKeys<Float32Row>>(),
    };

    public static ValueRows Values(BitWidth width) => width switch
    {
        BitWidth.Two => new Values<CodedValues<Planes2>>(),
        BitWidth.Three => new Values<CodedValues<Planes3>>(),
        BitWidth.Four => new Values<CodedValues<Planes4>>(),
        BitWidth.Eight => new Values<CodedValues<Planes8>>(),
        BitWidth.Sixteen => new Values<FloatValues<HalfRow>>(),
        _ => new Values<FloatValues<Float32Row>>(),
    };
}

/// <summary>A key format.</summary>
internal abstract unsafe class KeyRows : RowFormat
{
    public abstract void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores);

    /// <summary>The same of a block that was spread out; whether this processor can.</summary>
    public abstract bool SpreadScores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores);
}

/// <summary>A value format.</summary>
internal abstract unsafe class ValueRows : RowFormat
{
    public abstract void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state);

    /// <summary>The same of a block that was spread out; whether this processor can.</summary>
    public abstract bool AccumulateSpread(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state);
}

file sealed unsafe class Keys<TKeys> : KeyRows
    where TKeys : struct, IKeyFormat
{
    public override bool IsCoded => TKeys.IsCoded;

    public override int Bytes(in CodeLayout layout) => TKeys.Bytes(layout);

    public override int RowBytes(in CodeLayout layout) => TKeys.RowBytes(layout);

    public override void Extract(byte* unit, int token, byte* row, in CodeLayout layout) => TKeys.Extract(unit, token, row, layout);

    public override void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout) => TKeys.Assemble(rows, count, unit, layout);

    public override void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) => TKeys.Write(unit, token, row, layout);

    public override void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) => TKeys.Read(unit, token, row, layout);

    public override void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores) =>
        TKeys.Scores(units, count, layout, queries, scores);

    public override bool SpreadScores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores)
    {
        using NativeBuffer room = NativeBuffer.OfFloats(StreamBlock.Tokens * layout.HeadDim);
        if (TKeys.CanSpread)
        {
            TKeys.Spread(units, count, layout, room.Floats);
            TKeys.SpreadScores(room.Floats, count, layout, queries, scores);
        }

        return TKeys.CanSpread;
    }
}

file sealed unsafe class Values<TValues> : ValueRows
    where TValues : struct, IValueFormat
{
    public override bool IsCoded => TValues.IsCoded;

    public override int Bytes(in CodeLayout layout) => TValues.Bytes(layout);

    public override int RowBytes(in CodeLayout layout) => TValues.RowBytes(layout);

    public override void Extract(byte* unit, int token, byte* row, in CodeLayout layout) => TValues.Extract(unit, token, row, layout);

    public override void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout) => TValues.Assemble(rows, count, unit, layout);

    public override void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) => TValues.Write(unit, token, row, layout);

    public override void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) => TValues.Read(unit, token, row, layout);

    public override void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state) =>
        TValues.Accumulate(units, count, layout, weights, state);

    public override bool AccumulateSpread(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state)
    {
        using NativeBuffer room = NativeBuffer.OfFloats(StreamBlock.Tokens * layout.HeadDim);
        if (TValues.CanSpread)
        {
            TValues.Spread(units, count, layout, room.Floats);
            TValues.AccumulateSpread(room.Floats, count, layout, weights, new ReadOnlySpan<SoftmaxState>(in state));
        }

        return TValues.CanSpread;
    }
}
