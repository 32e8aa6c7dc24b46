namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// 256 weights in 176 bytes: f16 d, f16 dmin, 12 bytes of <see cref="SubBlockScales"/>, 32 bytes of fifth bits (bit s of byte i belongs to
/// weight i of sub-block s), nibbles as in <see cref="Q4_K"/>. w = d scale q - dmin minimum.
/// </summary>
internal readonly struct Q5_K : IWeightFormat
{
    public static int BlockColumns => 256;

    public static int BlockBytes => 176;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        float dmin = F16.Read(block[2..]);
        ReadOnlySpan<byte> scales = block.Slice(4, SubBlockScales.Bytes);
        ReadOnlySpan<byte> fifth = block.Slice(16, 32);
        for (int sub = 0; sub < 8; sub++)
        {
            (int scale, int minimum) = SubBlockScales.Unpack(scales, sub);
            (float step, float offset) = (d * scale, dmin * minimum);
            ReadOnlySpan<byte> nibbles = block.Slice(48 + ((sub >> 1) * 32), 32);
            int shift = (sub & 1) * 4;
            for (int i = 0; i < nibbles.Length; i++)
            {
                int code = ((nibbles[i] >> shift) & 15) | (((fifth[i] >> sub) & 1) << 4);
                destination[(sub * 32) + i] = (step * code) - offset;
            }
        }
    }
}
