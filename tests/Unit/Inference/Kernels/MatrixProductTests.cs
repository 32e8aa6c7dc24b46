using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Packing;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Kernels;

/// <summary>Both arithmetics over every weight kind against double precision, whatever the number of weight rows and activation rows.</summary>
[Trait("Category", "Kernels")]
public sealed unsafe class MatrixProductTests
{
    /// <summary>Room for the matrices of all tests here.</summary>
    private static readonly WeightArena Arena = new(1 << 24);

    private const int Columns = 96;
    private const int MaxBatch = 9;

    private static readonly TensorType[] Types = [TensorType.Q4_0, TensorType.Q4_1, TensorType.Q8_0, TensorType.F32];

    public static TheoryData<TensorType, Arithmetic, int> Cases =>
    [
        .. from type in Types
           from arithmetic in Enum.GetValues<Arithmetic>()
           from rows in (int[])[1, 7, 8, 9, 61]
           select (type, arithmetic, rows),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_equal_double_precision_for_every_batch_size(TensorType type, Arithmetic arithmetic, int rows)
    {
        PackedMatrix weights = Pack(type, arithmetic, rows, Columns);
        float[][] inputs = Gaussian.Rows(new Random(rows), MaxBatch, Columns);
        for (int batch = 1; batch <= MaxBatch; batch++)
        {
            foreach (bool add in (bool[])[false, true])
            {
                float[][] actual = Product(weights, arithmetic, inputs[..batch], add ? 0.5f : float.NaN, add);
                for (int i = 0; i < batch; i++)
                {
                    for (int row = 0; row < rows; row++)
                    {
                        (double expected, double bound) = Reference(weights, row, inputs[i], arithmetic);
                        Assert.Equal(expected + (add ? 0.5 : 0), actual[i][row], bound);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_row_alone_equals_the_row_in_a_batch_to_the_bit(TensorType type, Arithmetic arithmetic, int rows)
    {
        PackedMatrix weights = Pack(type, arithmetic, rows, Columns);
        float[][] inputs = Gaussian.Rows(new Random(rows), MaxBatch, Columns);
        float[][] together = Product(weights, arithmetic, inputs, 0, add: false);

        Assert.All(inputs, (input, i) => Assert.Equal(together[i], Product(weights, arithmetic, [input], 0, add: false)[0]));
        Assert.Equal(together[..4], Product(weights, arithmetic, inputs[..4], 0, add: false));
    }

    /// <summary>More columns than a tile of unpacked weights holds, more weight rows, and more activation rows than a panel; or as many as decode together.</summary>
    [Theory]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8, 101)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8, 101)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8, 401)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8Single, 401)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8, 13)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8, 13)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8Single, 101)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8Single, 101)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8Single, 13)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8Single, 13)]
    public void Wide_matrices_are_summed_tile_by_tile_in_the_same_order(TensorType type, Arithmetic arithmetic, int rows)
    {
        const int Wide = 32 * 27;
        PackedMatrix weights = Pack(type, arithmetic, 101, Wide);
        float[][] inputs = Gaussian.Rows(new Random(1), rows, Wide);
        float[][] together = Product(weights, arithmetic, inputs, 0.25f, add: true);

        Assert.All(inputs, (input, i) => Assert.Equal(Product(weights, arithmetic, [input], 0.25f, add: true)[0], together[i]));
    }

    /// <summary>The largest codes on both sides: an intermediate 16-bit sum that saturated would be off by far.</summary>
    [Theory]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8, 1f)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8, -1f)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8, 1f)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8, -1f)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8Single, 1f)]
    [InlineData(TensorType.Q4_1, Arithmetic.Int8Single, -1f)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8Single, 1f)]
    [InlineData(TensorType.Q8_0, Arithmetic.Int8Single, -1f)]
    public void The_largest_codes_do_not_saturate(TensorType type, Arithmetic arithmetic, float sign)
    {
        float[] row = new float[Columns];
        Array.Fill(row, 1f);
        row[5] = type == TensorType.Q4_1 ? 0f : 1f;
        byte[] data = new byte[8 * AdaptiveKv.Inference.Models.Weights.WeightFormats.RowBytes(type, Columns)];
        for (int i = 0; i < 8; i++)
        {
            AdaptiveKv.Inference.Models.Weights.WeightFormats.Quantize(type, row, data.AsSpan(i * data.Length / 8, data.Length / 8));
        }

        PackedMatrix weights = Pack(new MemoryTensor(type, 8, Columns, data), arithmetic);
        float[] input = new float[Columns];
        Array.Fill(input, sign);

        float[][] together = Product(weights, arithmetic, [.. Enumerable.Repeat(input, 25)], 0, add: false);
        float[] actual = Product(weights, arithmetic, [input], 0, add: false)[0];

        Assert.All(together, row => Assert.Equal(actual, row));
        Assert.All(actual, (value, i) => Assert.Equal(Reference(weights, i, input, Arithmetic.Float).Expected, value, 1e-4));
    }

    [Fact]
    public void Float_weights_have_no_integer_product()
    {
        PackedMatrix weights = Pack(TensorType.F32, Arithmetic.Float, 8, Columns);
        using QuantizedRows inputs = new(1, Columns);

        Assert.Throws<NotSupportedException>(() => MatrixProduct.Int8(weights, 0, 1, inputs, 0, 1, null, 0, add: false, null));
    }

    private static PackedMatrix Pack(TensorType type, Arithmetic arithmetic, int rows, int columns) =>
        Pack(MemoryTensor.Random(type, rows, columns, rows), arithmetic);

    private static PackedMatrix Pack(MemoryTensor tensor, Arithmetic arithmetic) => new WeightPacker("test", arithmetic, Arena, null).Matrix(tensor);

    /// <summary>[inputs][rows], computed in two runs of octets; what lies beside the output must not change.</summary>
    private static float[][] Product(PackedMatrix weights, Arithmetic arithmetic, float[][] inputs, float before, bool add)
    {
        const float Untouched = 12345f;
        int stride = weights.Rows + 3;
        using NativeBuffer output = NativeBuffer.OfFloats(inputs.Length * stride);
        output.FloatSpan(0, inputs.Length * stride).Fill(Untouched);
        for (int i = 0; i < inputs.Length; i++)
        {
            output.FloatSpan(i * stride, weights.Rows).Fill(before);
        }

        int half = weights.Octets / 2;
        Run(weights, arithmetic, inputs, 0, half, output.Floats, stride, add);
        Run(weights, arithmetic, inputs, half, weights.Octets, output.Floats, stride, add);
        Assert.All(inputs, (_, i) => Assert.Equal([Untouched, Untouched, Untouched], output.FloatSpan((i * stride) + weights.Rows, 3).ToArray()));
        return [.. inputs.Select((_, i) => output.FloatSpan(i * stride, weights.Rows).ToArray())];
    }

    private static void Run(PackedMatrix weights, Arithmetic arithmetic, float[][] inputs, int from, int to, float* output, int stride, bool add)
    {
        int columns = weights.Columns;
        int before = QuantizedRows.TogetherRows;
        using NativeBuffer values = NativeBuffer.OfFloats((inputs.Length + before) * columns);
        using NativeBuffer scratch = NativeBuffer.OfFloats(MatrixProduct.ScratchFloats(columns, inputs.Length));
        using QuantizedRows quantized = new(inputs.Length + before, columns, arithmetic == Arithmetic.Int8Single);

        // The first rows are others, so that the number of the first activation row matters.
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i].CopyTo(values.FloatSpan((i + before) * columns, columns));
            quantized.Quantize(i + before, columns, values.Floats + ((i + before) * columns), 0, columns);
        }

        if (arithmetic != Arithmetic.Float)
        {
            MatrixProduct.Int8(weights, from, to, quantized, before, inputs.Length, output, stride, add, scratch.Floats);
        }
        else
        {
            MatrixProduct.Float(weights, from, to, values.Floats + (before * columns), inputs.Length, output, stride, add, scratch.Floats);
        }
    }

    // An activation is off by at most half a step of its block; the steps are 1/32512 of the block's largest, or 1/127 with one plane.
    private static (double Expected, double Bound) Reference(PackedMatrix weights, int row, float[] input, Arithmetic arithmetic)
    {
        float[] values = new float[weights.Columns];
        weights.ReadRow(row, values);
        double sum = 0, bound = 0;
        for (int block = 0; block < input.Length; block += 32)
        {
            double step = input.AsSpan(block, 32).ToArray().Max(Math.Abs) / (arithmetic == Arithmetic.Int8Single ? 127 : 32512);
            for (int i = block; i < block + 32; i++)
            {
                sum += (double)values[i] * input[i];
                bound += (Math.Abs(values[i]) * (4e-7 * Math.Abs(input[i]))) + (arithmetic == Arithmetic.Float ? 0 : step / 2 * Math.Abs(values[i]));
            }
        }

        // Codes and minima are summed apart and nearly cancel: their rounding is that of the larger terms.
        return (sum, (bound * 1.01) + (arithmetic == Arithmetic.Float ? 1e-7 : 1e-6 * values.Max(Math.Abs) * input.Sum(Math.Abs)));
    }
}
