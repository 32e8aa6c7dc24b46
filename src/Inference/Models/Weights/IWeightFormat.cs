namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>A storage format of weights: a row is a sequence of equal blocks, each decoded on its own.</summary>
internal interface IWeightFormat
{
    /// <summary>Weights in a block; a row's columns are a multiple of it.</summary>
    static abstract int BlockColumns { get; }

    /// <summary>Bytes of a block in storage.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Decodes one block.</summary>
    /// <param name="block">[BlockBytes].</param>
    /// <param name="destination">[BlockColumns].</param>
    static abstract void Dequantize(ReadOnlySpan<byte> block, Span<float> destination);
}
