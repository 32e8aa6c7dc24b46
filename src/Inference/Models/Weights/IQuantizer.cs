namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>A storage format that weights can be converted to.</summary>
internal interface IQuantizer : IWeightFormat
{
    /// <summary>Encodes one block.</summary>
    /// <param name="weights">[BlockColumns], finite.</param>
    /// <param name="block">[BlockBytes].</param>
    /// <returns>Whether the scales fit into binary16; else <paramref name="block"/> is of no use.</returns>
    static abstract bool Quantize(ReadOnlySpan<float> weights, Span<byte> block);
}
