using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Models.Weights;

/// <summary>
/// Each format's definition for one weight, in double precision and bit by bit, written apart from the decoders under test.
/// </summary>
internal static class BlockFormulas
{
    /// <summary>Columns, bytes and the positions of binary16 scales of a block.</summary>
    public static (int Columns, int Bytes, int[] Scales) Layout(TensorType type) => type switch
    {
        TensorType.F32 => (1, 4, []),
        TensorType.F16 => (1, 2, [0]),
        TensorType.BF16 => (1, 2, []),
        TensorType.Q4_0 => (32, 18, [0]),
        TensorType.Q4_1 => (32, 20, [0, 2]),
        TensorType.Q5_0 => (32, 22, [0]),
        TensorType.Q5_1 => (32, 24, [0, 2]),
        TensorType.Q8_0 => (32, 34, [0]),
        TensorType.Q4_K => (256, 144, [0, 2]),
        TensorType.Q5_K => (256, 176, [0, 2]),
        TensorType.Q6_K => (256, 210, [208]),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Clears one exponent bit of every float of random bytes.</summary>
    public static void MakeFinite(TensorType type, Span<byte> row)
    {
        (_, int bytes, int[] scales) = Layout(type);
        for (int block = 0; block < row.Length; block += bytes)
        {
            foreach (int scale in scales)
            {
                row[block + scale + 1] &= 0xBF;
            }

            if (type is TensorType.F32 or TensorType.BF16)
            {
                row[block + bytes - 1] &= 0xBF;
            }
        }
    }

    /// <summary>Weight <paramref name="index"/> of a row; <paramref name="magnitude"/> is the sum of its terms' magnitudes.</summary>
    public static double Weight(TensorType type, ReadOnlySpan<byte> row, int index, out double magnitude)
    {
        (int columns, int bytes, _) = Layout(type);
        ReadOnlySpan<byte> b = row.Slice(index / columns * bytes, bytes);
        int i = index % columns;
        (double product, double offset) = type switch
        {
            TensorType.F32 => (BitConverter.ToSingle(b), 0),
            TensorType.F16 => (Half16(b, 0), 0),
            TensorType.BF16 => (BitConverter.UInt32BitsToSingle((uint)((b[0] << 16) | (b[1] << 24))), 0),
            TensorType.Q4_0 => (Half16(b, 0) * (Bits(b[2..], Nibble32(i), 4) - 8), 0),
            TensorType.Q4_1 => (Half16(b, 0) * Bits(b[4..], Nibble32(i), 4), Half16(b, 2)),
            TensorType.Q5_0 => (Half16(b, 0) * (Bits(b[6..], Nibble32(i), 4) + (16 * Bits(b[2..], i, 1)) - 16), 0),
            TensorType.Q5_1 => (Half16(b, 0) * (Bits(b[8..], Nibble32(i), 4) + (16 * Bits(b[4..], i, 1))), Half16(b, 2)),
            TensorType.Q8_0 => (Half16(b, 0) * (sbyte)b[2 + i], 0),
            TensorType.Q4_K => (
                Half16(b, 0) * Scale(b[4..], i / 32) * Bits(b[16..], NibbleK(i), 4), -Half16(b, 2) * Minimum(b[4..], i / 32)),
            TensorType.Q5_K => (
                Half16(b, 0) * Scale(b[4..], i / 32) * (Bits(b[48..], NibbleK(i), 4) + (16 * Bits(b[16..], (i % 32 * 8) + (i / 32), 1))),
                -Half16(b, 2) * Minimum(b[4..], i / 32)),
            TensorType.Q6_K => (
                Half16(b, 208) * (sbyte)b[192 + (i / 16)] * (Bits(b, Nibble6(i), 4) + (16 * Bits(b[128..], Pair6(i), 2)) - 32), 0.0),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        magnitude = Math.Abs(product) + Math.Abs(offset);
        return product + offset;
    }

    private static double Half16(ReadOnlySpan<byte> bytes, int at) => (double)BitConverter.ToHalf(bytes[at..]);

    /// <summary><paramref name="count"/> bits from bit <paramref name="first"/> on, bit 0 being the lowest of byte 0.</summary>
    private static int Bits(ReadOnlySpan<byte> bytes, int first, int count) => (bytes[first / 8] >> (first % 8)) & ((1 << count) - 1);

    private static int Nibble32(int i) => (i % 16 * 8) + (i / 16 * 4);

    private static int NibbleK(int i) => (((i / 64 * 32) + (i % 32)) * 8) + (i / 32 % 2 * 4);

    private static int Nibble6(int i) => (((i / 128 * 64) + (i % 64)) * 8) + (i % 128 / 64 * 4);

    private static int Pair6(int i) => (((i / 128 * 32) + (i % 32)) * 8) + (i % 128 / 32 * 2);

    private static int Scale(ReadOnlySpan<byte> packed, int sub) =>
        sub < 4 ? Bits(packed, sub * 8, 6) : Bits(packed, (sub + 4) * 8, 4) + (16 * Bits(packed, ((sub - 4) * 8) + 6, 2));

    private static int Minimum(ReadOnlySpan<byte> packed, int sub) =>
        sub < 4 ? Bits(packed, (sub + 4) * 8, 6) : Bits(packed, ((sub + 4) * 8) + 4, 4) + (16 * Bits(packed, (sub * 8) + 6, 2));
}
