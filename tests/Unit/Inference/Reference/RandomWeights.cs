using System.Buffers.Binary;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Weights;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>Random rows in every storage type, with their weights in double precision by <see cref="BlockFormulas"/>.</summary>
internal static class RandomWeights
{
    /// <summary>A row as it is stored.</summary>
    public static byte[] Row(Random random, TensorType type, int columns, double deviation, double mean = 0)
    {
        if (BlockFormulas.Layout(type).Columns == 1)
        {
            return [.. Gaussian.Row(random, columns, deviation, mean).SelectMany(weight => type switch
            {
                TensorType.F32 => BitConverter.GetBytes(weight),
                TensorType.F16 => BitConverter.GetBytes((Half)weight),
                _ => BitConverter.GetBytes(weight)[2..],
            })];
        }

        (int blockColumns, int blockBytes, int[] scales) = BlockFormulas.Layout(type);
        byte[] row = new byte[columns / blockColumns * blockBytes];
        random.NextBytes(row);
        for (int start = 0; start < row.Length; start += blockBytes)
        {
            // The codes are random; the scale gives them the deviation, and the minimum, where there is one, the mean 0.
            Span<byte> block = row.AsSpan(start, blockBytes);
            SetScales(block, scales, 1, Middle(type));
            double squares = 0;
            for (int i = 0; i < blockColumns; i++)
            {
                double weight = BlockFormulas.Weight(type, block, i, out _);
                squares += weight * weight;
            }

            SetScales(block, scales, deviation / Math.Sqrt(squares / blockColumns), Middle(type));
        }

        return row;
    }

    /// <summary>The weights of a stored row.</summary>
    public static double[] Decode(TensorType type, byte[] row, int columns) =>
        [.. Enumerable.Range(0, columns).Select(i => BlockFormulas.Weight(type, row, i, out _))];

    private static void SetScales(Span<byte> block, int[] scales, double scale, double middle)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block[scales[0]..], (Half)scale);
        if (scales.Length > 1)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block[scales[1]..], (Half)(scale * middle));
        }
    }

    // K formats take their minima off.
    private static double Middle(TensorType type) => type switch
    {
        TensorType.Q4_1 => -7.5,
        TensorType.Q5_1 => -15.5,
        TensorType.Q4_K => 7.5,
        TensorType.Q5_K => 15.5,
        _ => 0,
    };
}
