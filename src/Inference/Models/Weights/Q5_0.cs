using System.Buffers.Binary;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// 32 weights in 22 bytes: f16 d, 32 fifth bits (bit i belongs to weight i), then nibbles as in <see cref="Q4_0"/>. w = d (q - 16).
/// </summary>
internal readonly struct Q5_0 : IWeightFormat
{
    public static int BlockColumns => 32;

    public static int BlockBytes => 22;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        uint fifth = BinaryPrimitives.ReadUInt32LittleEndian(block[2..]);
        ReadOnlySpan<byte> nibbles = block.Slice(6, 16);
        for (int i = 0; i < nibbles.Length; i++)
        {
            destination[i] = d * (Low(nibbles, fifth, i) - 16);
            destination[i + 16] = d * (High(nibbles, fifth, i) - 16);
        }
    }

    /// <summary>5-bit code of weight i.</summary>
    public static int Low(ReadOnlySpan<byte> nibbles, uint fifth, int i) => (nibbles[i] & 15) | (int)(((fifth >> i) & 1) << 4);

    /// <summary>5-bit code of weight i + 16.</summary>
    public static int High(ReadOnlySpan<byte> nibbles, uint fifth, int i) => (nibbles[i] >> 4) | (int)(((fifth >> (i + 16)) & 1) << 4);
}
