namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>32 weights in 34 bytes: f16 d, then 32 signed bytes. w = d q.</summary>
internal readonly struct Q8_0 : IWeightFormat
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
}
