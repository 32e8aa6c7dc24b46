namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>32 weights in 34 bytes: f16 d, then 32 signed bytes. w = d q.</summary>
internal readonly struct Q8_0 : IQuantizer
{
    public static int BlockColumns => 32;

    public static int BlockBytes => 34;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        ReadOnlySpan<byte> codes = block.Slice(2, 32);
        for (int i = 0; i < codes.Length; i++)
        {
            destination[i] = d * (sbyte)codes[i];
        }
    }

    /// <summary>The largest magnitude becomes 127 steps; codes are rounded, halves away from zero.</summary>
    public static bool Quantize(ReadOnlySpan<float> weights, Span<byte> block)
    {
        float largest = 0;
        foreach (float weight in weights)
        {
            largest = MathF.Max(largest, MathF.Abs(weight));
        }

        float d = largest / 127;
        float inverse = d != 0 ? 1 / d : 0;
        Span<byte> codes = block.Slice(2, 32);
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)(sbyte)MathF.Round(weights[i] * inverse, MidpointRounding.AwayFromZero);
        }

        return F16.TryWrite(block, d);
    }
}
