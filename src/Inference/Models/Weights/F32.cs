using System.Buffers.Binary;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>binary32, little endian.</summary>
internal readonly struct F32 : IWeightFormat
{
    public static int BlockColumns => 1;

    public static int BlockBytes => 4;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination) => destination[0] = BinaryPrimitives.ReadSingleLittleEndian(block);
}
