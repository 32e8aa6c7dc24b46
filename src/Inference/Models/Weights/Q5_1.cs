using System.Buffers.Binary;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>32 weights in 24 bytes: f16 d, f16 m, fifth bits and nibbles as in <see cref="Q5_0"/>. w = d q + m.</summary>
internal readonly struct Q5_1 : IWeightFormat
{
    public static int BlockColumns => 32;

    public static int BlockBytes => 24;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination)
    {
        float d = F16.Read(block);
        float m = F16.Read(block[2..]);
        uint fifth = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        ReadOnlySpan<byte> nibbles = block.Slice(8, 16);
        for (int i = 0; i < nibbles.Length; i++)
        {
            destination[i] = (d * Q5_0.Low(nibbles, fifth, i)) + m;
            destination[i + 16] = (d * Q5_0.High(nibbles, fifth, i)) + m;
        }
    }
}
