namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>32 weights in 20 bytes: f16 d, f16 m, then nibbles as in <see cref="Q4_0"/>. w = d q + m.</summary>
internal readonly struct Q4_1 : IQuantizer
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

    /// <summary>The least weight becomes code 0 and the greatest code 15; codes are rounded.</summary>
    public static bool Quantize(ReadOnlySpan<float> weights, Span<byte> block)
    {
        (float least, float greatest) = (weights[0], weights[0]);
        foreach (float weight in weights)
        {
            least = MathF.Min(least, weight);
            greatest = MathF.Max(greatest, weight);
        }

        float d = (greatest - least) / 15;
        float inverse = d != 0 ? 1 / d : 0;
        Span<byte> nibbles = block.Slice(4, 16);
        for (int i = 0; i < nibbles.Length; i++)
        {
            nibbles[i] = (byte)(Code((weights[i] - least) * inverse) | (Code((weights[i + 16] - least) * inverse) << 4));
        }

        return F16.TryWrite(block, d) & F16.TryWrite(block[2..], least);
    }

    private static int Code(float steps) => Math.Min(15, (int)(steps + 0.5f));
}
