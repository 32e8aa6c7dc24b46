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

    /// <summary>Stores the nearest binary16; false where there is no finite one.</summary>
    public static bool TryWrite(Span<byte> bytes, float value)
    {
        Half half = (Half)value;
        BinaryPrimitives.WriteHalfLittleEndian(bytes, half);
        return Half.IsFinite(half);
    }
}
