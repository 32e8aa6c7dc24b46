namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>A code that is only simulated: rows are replaced by what would be read back, and kept at 32 bits.</summary>
internal abstract class SimulatedCode
{
    /// <summary>Tokens that are coded together.</summary>
    public abstract int Tokens { get; }

    /// <summary>Bits per element with scales and offsets, by formula.</summary>
    public abstract double BitsPerElement(int headDim);

    /// <summary>Codes the rows of one lane and reads them back, in place.</summary>
    /// <param name="keys">[<see cref="Tokens"/>][headDim].</param>
    /// <param name="values">[<see cref="Tokens"/>][headDim].</param>
    /// <param name="headDim">Elements per row.</param>
    public abstract void Reconstruct(Span<float> keys, Span<float> values, int headDim);

    /// <summary>bf16, to which scales and offsets are rounded.</summary>
    protected static float Rounded(float value) =>
        BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + 0x7FFF + ((BitConverter.SingleToUInt32Bits(value) >> 16) & 1)) & 0xFFFF0000);
}
