namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// 256 weights in 144 bytes: f16 d, f16 dmin, 12 bytes of <see cref="SubBlockScales"/>, 128 bytes of nibbles. 32 bytes of nibbles hold two
/// sub-blocks of 32: the low nibbles the first, the high nibbles the second. w = d scale q - dmin minimum.
/// </summary>
internal readonly struct Q4_K : IWeightFormat
{
    public static int BlockColumns => 256;

    public static int BlockBytes => 144;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        float dmin = F16.Read(block[2..]);
        ReadOnlySpan<byte> scales = block.Slice(4, SubBlockScales.Bytes);
        for (int sub = 0; sub < 8; sub++)
        {
            (int scale, int minimum) = SubBlockScales.Unpack(scales, sub);
            (float step, float offset) = (d * scale, dmin * minimum);
            ReadOnlySpan<byte> nibbles = block.Slice(16 + ((sub >> 1) * 32), 32);
            int shift = (sub & 1) * 4;
            for (int i = 0; i < nibbles.Length; i++)
            {
                destination[(sub * 32) + i] = (step * ((nibbles[i] >> shift) & 15)) - offset;
            }
        }
    }
}
