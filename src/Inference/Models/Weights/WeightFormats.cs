namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// The storage formats by <see cref="TensorType"/>: row sizes, and scalar decoding, the reference for every kernel (layouts:
/// ggml-common.h).
/// </summary>
internal static class WeightFormats
{
    /// <summary>Whether a type id of a file is one that can be read.</summary>
    public static bool IsSupported(TensorType type) => Sizes(type).Bytes > 0;

    /// <summary>Weights in a block of the type; a row's columns must be a multiple of it.</summary>
    public static int BlockColumns(TensorType type) => Known(type).Columns;

    /// <summary>Bytes of a row in storage.</summary>
    /// <param name="type">Storage type.</param>
    /// <param name="columns">Weights in the row, a positive multiple of <see cref="BlockColumns"/>.</param>
    /// <exception cref="ArgumentException">The columns do not fill whole blocks.</exception>
    /// <exception cref="OverflowException">The row has more than 2^31 - 1 bytes.</exception>
    public static int RowBytes(TensorType type, int columns)
    {
        (int blockColumns, int blockBytes) = Known(type);
        if (columns <= 0 || columns % blockColumns != 0)
        {
            throw new ArgumentException($"{columns} columns; a row of {type} has a positive multiple of {blockColumns}", nameof(columns));
        }

        return checked(columns / blockColumns * blockBytes);
    }

    /// <summary>Decodes one row.</summary>
    /// <param name="type">Storage type of the row.</param>
    /// <param name="row">[RowBytes(type, columns)].</param>
    /// <param name="destination">[columns].</param>
    /// <exception cref="ArgumentException">The spans do not match.</exception>
    public static void Dequantize(TensorType type, ReadOnlySpan<byte> row, Span<float> destination)
    {
        int bytes = RowBytes(type, destination.Length);
        if (row.Length != bytes)
        {
            throw new ArgumentException($"{row.Length} bytes; {destination.Length} weights of {type} are {bytes}", nameof(row));
        }

        switch (type)
        {
            case TensorType.F32: Dequantize<F32>(row, destination); break;
            case TensorType.F16: Dequantize<F16>(row, destination); break;
            case TensorType.BF16: Dequantize<BF16>(row, destination); break;
            case TensorType.Q4_0: Dequantize<Q4_0>(row, destination); break;
            case TensorType.Q4_1: Dequantize<Q4_1>(row, destination); break;
            case TensorType.Q5_0: Dequantize<Q5_0>(row, destination); break;
            case TensorType.Q5_1: Dequantize<Q5_1>(row, destination); break;
            case TensorType.Q8_0: Dequantize<Q8_0>(row, destination); break;
            case TensorType.Q4_K: Dequantize<Q4_K>(row, destination); break;
            case TensorType.Q5_K: Dequantize<Q5_K>(row, destination); break;
            case TensorType.Q6_K: Dequantize<Q6_K>(row, destination); break;
        }
    }

    /// <summary>Encodes one row as F32, Q4_0, Q4_1 or Q8_0, rounding as llama.cpp's reference quantizers do.</summary>
    /// <param name="type">Storage type of the row.</param>
    /// <param name="weights">[columns], finite.</param>
    /// <param name="row">[RowBytes(type, columns)].</param>
    /// <returns>Whether all scales fit into binary16.</returns>
    internal static bool Quantize(TensorType type, ReadOnlySpan<float> weights, Span<byte> row) => type switch
    {
        TensorType.F32 => Quantize<F32>(weights, row),
        TensorType.Q4_0 => Quantize<Q4_0>(weights, row),
        TensorType.Q4_1 => Quantize<Q4_1>(weights, row),
        TensorType.Q8_0 => Quantize<Q8_0>(weights, row),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "F32, Q4_0, Q4_1 or Q8_0"),
    };

    private static bool Quantize<TFormat>(ReadOnlySpan<float> weights, Span<byte> row)
        where TFormat : struct, IQuantizer
    {
        bool fits = true;
        for (; !weights.IsEmpty; weights = weights[TFormat.BlockColumns..], row = row[TFormat.BlockBytes..])
        {
            fits &= TFormat.Quantize(weights[..TFormat.BlockColumns], row[..TFormat.BlockBytes]);
        }

        return fits;
    }

    private static void Dequantize<TFormat>(ReadOnlySpan<byte> row, Span<float> destination)
        where TFormat : struct, IWeightFormat
    {
        while (!destination.IsEmpty)
        {
            TFormat.Dequantize(row[..TFormat.BlockBytes], destination[..TFormat.BlockColumns]);
            row = row[TFormat.BlockBytes..];
            destination = destination[TFormat.BlockColumns..];
        }
    }

    private static (int Columns, int Bytes) Known(TensorType type) =>
        Sizes(type) is { Bytes: > 0 } sizes
            ? sizes
            : throw new ArgumentOutOfRangeException(nameof(type), type, "no storage format of weights");

    private static (int Columns, int Bytes) Sizes(TensorType type) => type switch
    {
        TensorType.F32 => Sizes<F32>(),
        TensorType.F16 => Sizes<F16>(),
        TensorType.BF16 => Sizes<BF16>(),
        TensorType.Q4_0 => Sizes<Q4_0>(),
        TensorType.Q4_1 => Sizes<Q4_1>(),
        TensorType.Q5_0 => Sizes<Q5_0>(),
        TensorType.Q5_1 => Sizes<Q5_1>(),
        TensorType.Q8_0 => Sizes<Q8_0>(),
        TensorType.Q4_K => Sizes<Q4_K>(),
        TensorType.Q5_K => Sizes<Q5_K>(),
        TensorType.Q6_K => Sizes<Q6_K>(),
        _ => default,
    };

    private static (int Columns, int Bytes) Sizes<TFormat>()
        where TFormat : struct, IWeightFormat => (TFormat.BlockColumns, TFormat.BlockBytes);
}
