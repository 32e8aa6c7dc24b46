using System.Buffers.Binary;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>binary32, little endian.</summary>
internal readonly struct F32 : IQuantizer
{
    public static int BlockColumns => 1;

    public static int BlockBytes => 4;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> destination) =>
        destination[0] = BinaryPrimitives.ReadSingleLittleEndian(block);

    public static bool Quantize(ReadOnlySpan<float> weights, Span<byte> block)
    {
        BinaryPrimitives.WriteSingleLittleEndian(block, weights[0]);
        return true;
    }
}
