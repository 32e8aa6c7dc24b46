namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// 32 weights in 18 bytes: f16 d, then 16 bytes of nibbles; byte i holds weights i (low) and i + 16 (high). w = d (q - 8).
/// </summary>
internal readonly struct Q4_0 : IQuantizer
{
    public static int BlockColumns => 32;

    public static int BlockBytes => 18;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        ReadOnlySpan<byte> nibbles = block.Slice(2, 16);
        for (int i = 0; i < nibbles.Length; i++)
        {
            destination[i] = d * ((nibbles[i] & 15) - 8);
            destination[i + 16] = d * ((nibbles[i] >> 4) - 8);
        }
    }

    /// <summary>The weight of the largest magnitude becomes code 0, which is -8 steps; codes are rounded and cut at 15.</summary>
    public static bool Quantize(ReadOnlySpan<float> weights, Span<byte> block)
    {
        float extreme = 0;
        foreach (float weight in weights)
        {
            extreme = MathF.Abs(weight) > MathF.Abs(extreme) ? weight : extreme;
        }

        float d = extreme / -8;
        float inverse = d != 0 ? 1 / d : 0;
        Span<byte> nibbles = block.Slice(2, 16);
        for (int i = 0; i < nibbles.Length; i++)
        {
            nibbles[i] = (byte)(Code(weights[i] * inverse) | (Code(weights[i + 16] * inverse) << 4));
        }

        return F16.TryWrite(block, d);
    }

    private static int Code(float steps) => Math.Min(15, (int)(steps + 8.5f));
}
