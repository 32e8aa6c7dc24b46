namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>32 weights in 18 bytes: f16 d, then 16 bytes of nibbles; byte i holds weights i (low) and i + 16 (high). w = d (q - 8).</summary>
internal readonly struct Q4_0 : IWeightFormat
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
}
