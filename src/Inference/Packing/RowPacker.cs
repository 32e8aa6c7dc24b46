using AdaptiveKv.KvCache;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Inference.Packing;

/// <summary>
/// Brings one stored row into a packed octet. Q4_0, Q4_1, Q4_K, Q5_0 and Q8_0 keep their codes; other types are requantized to 8 bits. Scales that
/// are formed here are binary16: a row whose own would be beyond it, or so small that it loses their digits, is packed divided by a power of two.
/// </summary>
internal static unsafe class RowPacker
{
    private const float WideLevels = 127f;
    private const float MostScale = 65504f; // Of binary16.

    // Below it binary16 rounds a row's largest scale by more than a 256th, which is half a step of its largest code.
    private const float LeastScale = 1f / (1 << 17);

    /// <summary>How a type is kept for an arithmetic.</summary>
    public static WeightKind KindFor(TensorType type, Arithmetic arithmetic) => (type, arithmetic) switch
    {
        (TensorType.Q4_0 or TensorType.Q4_1, _) => WeightKind.Q4,
        (TensorType.Q8_0, _) => WeightKind.Q8,
        (_, Arithmetic.Float) => WeightKind.Float,
        (TensorType.Q4_K, _) => WeightKind.Q4,
        _ => WeightKind.Q8,
    };

    /// <summary>Whether the kept weights equal the stored ones.</summary>
    public static bool IsExact(TensorType type, WeightKind kind) =>
        kind == WeightKind.Float || type is TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q8_0 or TensorType.Q5_0;

    /// <summary>Packs row <paramref name="row"/> of an octet.</summary>
    /// <param name="type">Storage type.</param>
    /// <param name="stored">The row as stored.</param>
    /// <param name="kind">Kind of the packed matrix.</param>
    /// <param name="octet">First byte of the octet.</param>
    /// <param name="row">0..7.</param>
    /// <param name="values">Scratch of one row in float.</param>
    /// <returns>What the packed row is to be multiplied by: a power of two, mostly 1.</returns>
    public static float Pack(TensorType type, ReadOnlySpan<byte> stored, WeightKind kind, byte* octet, int row, Span<float> values)
    {
        int blocks = values.Length / PackedMatrix.BlockColumns;
        switch (type)
        {
            case TensorType.Q4_0 when kind == WeightKind.Q4:
            case TensorType.Q4_1 when kind == WeightKind.Q4:
                return PackNibbles(stored, stored.Length / blocks, blocks, octet, row);
            case TensorType.Q4_K when kind == WeightKind.Q4:
                return PackQ4K(stored, blocks, octet, row);
            case TensorType.Q8_0 when kind == WeightKind.Q8:
                PackQ8(stored, stored.Length / blocks, blocks, octet, row);
                return 1f;
            default:
                WeightFormats.Dequantize(type, stored, values);
                return PackValues(type, stored, values, kind, octet, row);
        }
    }

    private static float PackNibbles(ReadOnlySpan<byte> stored, int blockBytes, int blocks, byte* octet, int row)
    {
        int header = blockBytes - 16; // Q4_0: the scale; Q4_1: scale and minimum.
        float largest = 0f;
        for (int b = 0; b < blocks && header == 2; b++)
        {
            largest = Math.Max(largest, Math.Abs(F16.Read(stored[(b * blockBytes)..])));
        }

        // The minimum of Q4_0 is -8 d.
        float factor = 8f * largest is > MostScale and < float.PositiveInfinity ? 8f : 1f;
        for (int b = 0; b < blocks; b++)
        {
            ReadOnlySpan<byte> block = stored.Slice(b * blockBytes, blockBytes);
            ushort scale = BinaryPrimitives.ReadUInt16LittleEndian(block);
            ushort minimum = header == 4 ? BinaryPrimitives.ReadUInt16LittleEndian(block[2..]) : Half(-8f * Binary16.Widen(scale) / factor);
            ushort divided = factor == 1f ? scale : Half(Binary16.Widen(scale) / factor);
            PackedCodes.PutNibbles(octet + (b * Q4Block.Bytes), row, block[header..], Finite(divided), Finite(minimum));
        }

        return factor;
    }

    private static float PackQ4K(ReadOnlySpan<byte> stored, int blocks, byte* octet, int row)
    {
        float largest = 0f;
        for (int b = 0; b < blocks; b++)
        {
            (float scale, float minimum) = Q4KScales(stored, b);
            largest = Math.Max(largest, Math.Max(Math.Abs(scale), Math.Abs(minimum)));
        }

        float factor = Factor(largest);
        Span<byte> codes = stackalloc byte[PackedMatrix.BlockColumns];
        for (int b = 0; b < blocks; b++)
        {
            ReadOnlySpan<byte> nibbles = stored.Slice((b / 8 * Q4_K.BlockBytes) + 16 + (b % 8 / 2 * 32), 32);
            for (int i = 0; i < codes.Length; i++)
            {
                codes[i] = (byte)((nibbles[i] >> (4 * (b & 1))) & 15);
            }

            (float scale, float minimum) = Q4KScales(stored, b);
            PackedCodes.PutNarrow(octet + (b * Q4Block.Bytes), row, codes, Half(scale / factor), Half(minimum / factor));
        }

        return factor;
    }

    private static (float Scale, float Minimum) Q4KScales(ReadOnlySpan<byte> stored, int block)
    {
        ReadOnlySpan<byte> super = stored.Slice(block / 8 * Q4_K.BlockBytes, Q4_K.BlockBytes);
        (int scale, int minimum) = SubBlockScales.Unpack(super.Slice(4, SubBlockScales.Bytes), block % 8);
        return (F16.Read(super) * scale, -F16.Read(super[2..]) * minimum);
    }

    private static void PackQ8(ReadOnlySpan<byte> stored, int blockBytes, int blocks, byte* octet, int row)
    {
        for (int b = 0; b < blocks; b++)
        {
            ReadOnlySpan<byte> block = stored.Slice(b * blockBytes, blockBytes);
            ushort scale = Finite(BinaryPrimitives.ReadUInt16LittleEndian(block));
            PackedCodes.PutWide(octet + (b * Q8Block.Bytes), row, MemoryMarshal.Cast<byte, sbyte>(block[2..]), scale);
        }
    }

    private static float PackValues(TensorType type, ReadOnlySpan<byte> stored, Span<float> values, WeightKind kind, byte* octet, int row)
    {
        if (System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(values) is false)
        {
            throw new InvalidDataException("holds a weight that is not a finite number");
        }

        if (kind == WeightKind.Float)
        {
            for (int column = 0; column < values.Length; column++)
            {
                ((float*)octet)[(column * PackedMatrix.OctetRows) + row] = values[column];
            }

            return 1f;
        }

        // Q5_0 is d q with |q| at most 16: its own scale keeps it exact.
        float factor = type == TensorType.Q5_0 ? 1f : Factor(Math.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(values)) / WideLevels);
        Span<sbyte> codes = stackalloc sbyte[PackedMatrix.BlockColumns];
        int blockBytes = stored.Length * PackedMatrix.BlockColumns / values.Length;
        for (int b = 0; b < values.Length / PackedMatrix.BlockColumns; b++)
        {
            ReadOnlySpan<float> block = values.Slice(b * PackedMatrix.BlockColumns, PackedMatrix.BlockColumns);
            float largest = Math.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(block));
            ushort scale = type == TensorType.Q5_0
                ? BinaryPrimitives.ReadUInt16LittleEndian(stored[(b * blockBytes)..])
                : Half(largest / WideLevels / factor);
            float inverse = Binary16.Widen(scale) * factor is var step && step != 0f ? 1f / step : 0f;
            for (int i = 0; i < codes.Length; i++)
            {
                codes[i] = (sbyte)Math.Clamp(MathF.Round(block[i] * inverse), -WideLevels, WideLevels);
            }

            PackedCodes.PutWide(octet + (b * Q8Block.Bytes), row, codes, Finite(scale));
        }

        return factor;
    }

    // Then the row's largest scale is 1 to 2.
    private static float Factor(float largest) =>
        largest is > MostScale and < float.PositiveInfinity || largest is > 0f and < LeastScale ? MathF.ScaleB(1f, MathF.ILogB(largest)) : 1f;

    // Rounding to binary16 saturates: an infinite or too large scale must not become 65504 in silence.
    private static ushort Half(float scale) => Math.Abs(scale) <= MostScale
        ? Binary16.Round(scale)
        : throw new InvalidDataException($"holds a scale of {scale}, beyond the range of 16-bit floats");

    private static ushort Finite(ushort half) =>
        (half & 0x7C00) != 0x7C00 ? half : throw new InvalidDataException("holds a scale that is not a finite number");
}
