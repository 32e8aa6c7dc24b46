namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// 256 weights in 210 bytes: 128 bytes of low nibbles, 64 bytes of upper bit pairs, 16 signed scales (one per 16 weights), f16 d, in two
/// halves of 128 weights. In a half, quarter k (32 weights) takes its nibbles from bytes 32 (k &amp; 1) to 32 (k &amp; 1) + 31, low ones
/// for k &lt; 2, else high ones, and its bit pairs at shift 2k of the half's 32 bytes. w = d scale (q - 32).
/// </summary>
internal readonly struct Q6_K : IWeightFormat
{
    public static int BlockColumns => 256;

    public static int BlockBytes => 210;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        ReadOnlySpan<byte> scales = block.Slice(192, 16);
        float d = F16.Read(block[208..]);
        for (int quarter = 0; quarter < 8; quarter++)
        {
            int half = quarter >> 2;
            int k = quarter & 3;
            ReadOnlySpan<byte> nibbles = block.Slice((half * 64) + ((k & 1) * 32), 32);
            ReadOnlySpan<byte> pairs = block.Slice(128 + (half * 32), 32);
            int nibbleShift = (k >> 1) * 4;
            for (int i = 0; i < nibbles.Length; i++)
            {
                int code = ((nibbles[i] >> nibbleShift) & 15) | (((pairs[i] >> (2 * k)) & 3) << 4);
                int scale = (sbyte)scales[(quarter * 2) + (i >> 4)];
                destination[(quarter * 32) + i] = d * scale * (code - 32);
            }
        }
    }
}
