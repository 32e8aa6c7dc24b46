using System.Buffers.Binary;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>bfloat16, little endian: the upper half of a binary32.</summary>
internal readonly struct BF16 : IWeightFormat
{
    public static int BlockColumns => 1;

    public static int BlockBytes => 2;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination) =>
        destination[0] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(block) << 16);
}
