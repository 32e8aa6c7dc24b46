namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>32 weights in 20 bytes: f16 d, f16 m, then nibbles as in <see cref="Q4_0"/>. w = d q + m.</summary>
internal readonly struct Q4_1 : IWeightFormat
{
    public static int BlockColumns => 32;

    public static int BlockBytes => 20;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        float m = F16.Read(block[2..]);
        ReadOnlySpan<byte> nibbles = block.Slice(4, 16);
        for (int i = 0; i < nibbles.Length; i++)
        {
            destination[i] = (d * (nibbles[i] & 15)) + m;
            destination[i + 16] = (d * (nibbles[i] >> 4)) + m;
        }
    }
}
