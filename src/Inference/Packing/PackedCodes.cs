using System.Buffers.Binary;
using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Inference.Packing;

/// <summary>Places one row's 32 codes, scale and minimum in a packed block of eight rows.</summary>
internal static unsafe class PackedCodes
{
    private const uint LowNibbles = 0x0F0F0F0F;

    /// <summary>4-bit codes as GGUF keeps them: byte i holds code i low and code i + 16 high.</summary>
    public static void PutNibbles(byte* block, int row, ReadOnlySpan<byte> nibbles, ushort scale, ushort minimum)
    {
        for (int half = 0; half < 2; half++)
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(nibbles[(8 * half)..]);
            uint second = BinaryPrimitives.ReadUInt32LittleEndian(nibbles[((8 * half) + 4)..]);

            // Vector v holds columns 8v..8v+3 low and 8v+4..8v+7 high.
            *(uint*)(block + (32 * half) + (4 * row)) = (first & LowNibbles) | ((second & LowNibbles) << 4);
            *(uint*)(block + (32 * (half + 2)) + (4 * row)) = ((first >> 4) & LowNibbles) | (second & ~LowNibbles);
        }

        PutScale(block + Q4Block.ScaleOffset, row, scale);
        PutScale(block + Q4Block.MinimumOffset, row, minimum);
    }

    /// <summary>4-bit codes, one per byte.</summary>
    public static void PutNarrow(byte* block, int row, ReadOnlySpan<byte> codes, ushort scale, ushort minimum)
    {
        Span<byte> nibbles = stackalloc byte[16];
        for (int i = 0; i < nibbles.Length; i++)
        {
            nibbles[i] = (byte)(codes[i] | (codes[i + 16] << 4));
        }

        PutNibbles(block, row, nibbles, scale, minimum);
    }

    /// <summary>Signed 8-bit codes.</summary>
    public static void PutWide(byte* block, int row, ReadOnlySpan<sbyte> codes, ushort scale)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            block[(32 * (i / 4)) + (4 * row) + (i % 4)] = (byte)(codes[i] + Q8Block.CodeOffset);
        }

        PutScale(block + Q8Block.ScaleOffset, row, scale);
    }

    private static void PutScale(byte* scales, int row, ushort scale) => ((ushort*)scales)[row] = scale;
}
