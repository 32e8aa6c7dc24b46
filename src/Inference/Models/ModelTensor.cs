namespace AdaptiveKv.Inference.Models;

/// <summary>One tensor of an opened model: its type and shape, and a way to read it into the caller's memory.</summary>
public abstract class ModelTensor
{
    /// <summary>Canonical name, GGUF style ("blk.0.attn_q.weight"), whatever the file calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Storage type.</summary>
    public abstract TensorType Type { get; }

    /// <summary>Rows (outputs); 1 for a vector.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns (inputs), the contiguous dimension.</summary>
    public abstract int Columns { get; }

    /// <summary>Bytes of one row in storage.</summary>
    public abstract int RowBytes { get; }

    /// <summary>Reads <paramref name="count"/> rows from <paramref name="firstRow"/> on, as stored, into own memory.</summary>
    /// <param name="firstRow">First row, 0-based.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="destination">Exactly count * <see cref="RowBytes"/> bytes.</param>
    public abstract void ReadRows(int firstRow, int count, Span<byte> destination);
}
