using System.Buffers.Binary;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>binary16, little endian.</summary>
internal readonly struct F16 : IWeightFormat
{
    public static int BlockColumns => 1;

    public static int BlockBytes => 2;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination) => destination[0] = Read(block);

    /// <summary>The binary16 at the start of <paramref name="bytes"/>; the scales of the block formats are stored so.</summary>
    public static float Read(ReadOnlySpan<byte> bytes) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
}
