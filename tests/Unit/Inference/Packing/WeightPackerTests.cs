using AdaptiveKv.Files;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Packing;
using AdaptiveKv.Unit.Inference.Kernels;
using AdaptiveKv.Unit.Inference.Models.Weights;

namespace AdaptiveKv.Unit.Inference.Packing;

/// <summary>Packed matrices of every storage type against the scalar decoders; and scales that no kernel may see.</summary>
public sealed class WeightPackerTests
{
    /// <summary>Room for the matrices of all tests here.</summary>
    private static readonly WeightArena Arena = new(1 << 24);

    public static TheoryData<TensorType, Arithmetic> Cases =>
        [.. from type in Enum.GetValues<TensorType>() from arithmetic in Enum.GetValues<Arithmetic>() select (type, arithmetic)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Packed_weights_are_the_stored_ones_or_within_half_a_step_of_eight_bits(TensorType type, Arithmetic arithmetic)
    {
        MemoryTensor tensor = MemoryTensor.Random(type, rows: 300, columns: 512, seed: (int)type);
        List<string> log = [];
        PackedMatrix matrix = new WeightPacker("model", arithmetic, Arena, log.Add).Matrix(tensor);
        bool exact = arithmetic == Arithmetic.Float || type is TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q5_0 or TensorType.Q8_0;
        float[] packed = new float[tensor.Columns];
        for (int row = 0; row < tensor.Rows; row++)
        {
            float[] stored = tensor.Row(row);
            matrix.ReadRow(row, packed);
            for (int i = 0; i < packed.Length; i++)
            {
                // Q4_1's and Q4_0's minimum is added in float; Q4_K keeps its codes and rounds scale and minimum to binary16.
                double largest = stored.AsSpan(i / 32 * 32, 32).ToArray().Max(Math.Abs);
                double bound = exact ? 2e-7 * largest : type == TensorType.Q4_K ? KScaleError(tensor, row, i) : (largest / 254 * 1.02) + 4e-6;
                if (!(Math.Abs(stored[i] - packed[i]) <= bound))
                {
                    Assert.Fail($"row {row}, column {i}: {packed[i]:R}, stored {stored[i]:R}");
                }
            }
        }

        Assert.Equal(exact ? 0 : 1, log.Count);
        Assert.All(log, line => Assert.Contains($"{type} weights are converted to", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_conversion_is_said_once()
    {
        List<string> log = [];
        WeightPacker packer = new("model", Arithmetic.Int8, Arena, log.Add);

        packer.Matrix(MemoryTensor.Random(TensorType.F16, 8, 32, 1));
        packer.Matrix(MemoryTensor.Random(TensorType.F16, 8, 32, 2));
        packer.Matrix(MemoryTensor.Random(TensorType.BF16, 8, 32, 3));

        Assert.Equal(2, log.Count);
    }

    public static TheoryData<TensorType, Arithmetic, float> NotFinite =>
    [
        .. from type in Enum.GetValues<TensorType>()
           from arithmetic in Enum.GetValues<Arithmetic>()
           from value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity]
           select (type, arithmetic, value),
    ];

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void A_weight_or_scale_that_is_no_number_is_refused(TensorType type, Arithmetic arithmetic, float value)
    {
        (_, int bytes, int[] scales) = BlockFormulas.Layout(type);
        foreach (int scale in scales is [] ? [0] : scales)
        {
            MemoryTensor tensor = MemoryTensor.Random(type, rows: 3, columns: 256, seed: 1);
            int place = (2 * tensor.RowBytes) - bytes + scale;
            byte[] encoded = type switch
            {
                TensorType.F32 => BitConverter.GetBytes(value),
                TensorType.BF16 => BitConverter.GetBytes(value)[2..],
                _ => BitConverter.GetBytes((Half)value),
            };
            encoded.CopyTo(tensor.Data, place);

            ModelFormatException error = Assert.Throws<ModelFormatException>(() => new WeightPacker("model.gguf", arithmetic, Arena, null).Matrix(tensor));

            Assert.Equal(("model.gguf", "blk.0.ffn_up.weight"), (error.Path, error.Field));
            Assert.Contains("not a finite number", error.Message.Replace("beyond the range of 16-bit floats", "not a finite number", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    /// <summary>-8 d of Q4_0 does not fit binary16: its row is kept divided.</summary>
    [Theory]
    [InlineData(Arithmetic.Float, 60000f)]
    [InlineData(Arithmetic.Int8, 60000f)]
    [InlineData(Arithmetic.Int8, -9000f)]
    public void A_minimum_beyond_binary16_keeps_its_weights(Arithmetic arithmetic, float scale)
    {
        MemoryTensor tensor = MemoryTensor.Random(TensorType.Q4_0, rows: 2, columns: 64, seed: 1);
        BitConverter.GetBytes((Half)scale).CopyTo(tensor.Data, 18);

        PackedMatrix matrix = new WeightPacker("model", arithmetic, Arena, null).Matrix(tensor);

        float[] read = new float[64];
        for (int row = 0; row < 2; row++)
        {
            matrix.ReadRow(row, read);
            Assert.Equal(tensor.Row(row), read);
        }
    }

    /// <summary>Eight bits for weights whose scales binary16 has not, or has few digits for: their rows are kept divided by a power of two.</summary>
    [Theory]
    [InlineData(1e8f)]
    [InlineData(6e36f)]
    [InlineData(6e-6f)]
    [InlineData(1e-30f)]
    public void Rows_beyond_binary16_keep_their_digits(float size)
    {
        MemoryTensor tensor = MemoryTensor.Random(TensorType.F32, rows: 3, columns: 64, seed: 1);
        Span<float> weights = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Data.AsSpan());
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (i / 64 == 1 ? size : 1f) * (((i * 37) % 101) - 50) / 50f;
        }

        PackedMatrix matrix = new WeightPacker("model", Arithmetic.Int8, Arena, null).Matrix(tensor);

        float[] read = new float[64];
        for (int row = 0; row < 3; row++)
        {
            matrix.ReadRow(row, read);
            float most = row == 1 ? size : 1f;
            Assert.All(read.Zip(weights.Slice(row * 64, 64).ToArray()), pair => Assert.InRange(Math.Abs(pair.First / most - (pair.Second / most)), 0, 0.6f / 127));
        }
    }

    [Fact]
    public void Columns_that_no_kernel_reads_are_refused() =>
        Assert.Contains(
            "48 columns; the kernels need a multiple of 32",
            Assert.Throws<ModelFormatException>(() => new WeightPacker("model", Arithmetic.Int8, Arena, null).Matrix(MemoryTensor.Random(TensorType.F16, 8, 48, 1))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_vector_is_read_in_float_and_must_be_finite()
    {
        WeightPacker packer = new("model", Arithmetic.Int8, Arena, null);
        MemoryTensor tensor = MemoryTensor.Random(TensorType.F32, 1, 40, 1);

        Assert.Equal(tensor.Row(0), packer.Vector(tensor));
        BitConverter.GetBytes(float.NaN).CopyTo(tensor.Data, 8);
        Assert.Contains("not finite", Assert.Throws<ModelFormatException>(() => packer.Vector(tensor)).Message, StringComparison.Ordinal);
    }

    // Scale and minimum are products of a 16-bit and a 6-bit number, rounded to 11 bits, or to 2^-24 where they are that small.
    private static double KScaleError(MemoryTensor tensor, int row, int i)
    {
        ReadOnlySpan<byte> stored = tensor.Data.AsSpan(row * tensor.RowBytes, tensor.RowBytes);
        BlockFormulas.Weight(TensorType.Q4_K, stored, i, out double magnitude);
        return (magnitude / 2048) + (16.0 / (1 << 25));
    }
}
