using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Kernels;

[Trait("Category", "Kernels")]
public sealed unsafe class QuantizedRowsTests
{
    private const int Columns = 96;

    [Theory]
    [InlineData(1)]
    [InlineData(1e-6)]
    [InlineData(1e6)]
    public void Every_activation_is_within_half_a_step_and_the_sums_are_those_of_the_codes(double deviation)
    {
        float[] row = Gaussian.Row(new Random(1), Columns, deviation);
        using QuantizedRows rows = Quantized(row, 0, Columns);
        for (int i = 0; i < Columns; i++)
        {
            double scale = rows.Scales(1, Columns)[i / 32];
            Assert.Equal(row.AsSpan(i / 32 * 32, 32).ToArray().Max(Math.Abs) / 32512, scale, scale * 1e-6);
            Assert.Equal(row[i], scale * Code(rows, i), scale * 0.501);
        }

        for (int block = 0; block < Columns / 32; block++)
        {
            double scale = rows.Scales(1, Columns)[block];
            int total = Enumerable.Range(block * 32, 32).Sum(i => Code(rows, i));
            Assert.Equal(scale * total, rows.Sums(1, Columns)[block], scale * Math.Abs(total) * 1e-6);
        }
    }

    /// <summary>One plane: steps of a 127th of a block's largest, and nothing in the low one.</summary>
    [Fact]
    public void One_plane_has_the_high_codes_alone()
    {
        float[] row = Gaussian.Row(new Random(3), Columns);
        using QuantizedRows rows = Quantized(row, 0, Columns, single: true);
        for (int i = 0; i < Columns; i++)
        {
            double scale = rows.Scales(1, Columns)[i / 32];
            Assert.Equal(0, Code(rows, i) % QuantizedRows.HighWeight);
            Assert.Equal(row[i], scale * Code(rows, i), scale * QuantizedRows.HighWeight * 0.501);
        }

        Assert.Equal(rows.Scales(1, Columns)[2] * Enumerable.Range(64, 32).Sum(i => Code(rows, i)), rows.Sums(1, Columns)[2], 1e-5);
    }

    /// <summary>Kernels of eight rows read as many of everything, in either arithmetic.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void There_is_room_for_eight_rows_from_the_last_one_on(bool single)
    {
        const int BlocksOfARow = Columns / QuantizedRows.BlockColumns;
        bool together = System.Runtime.Intrinsics.X86.Avx512BW.IsSupported;
        using QuantizedRows rows = new(9, Columns, single);

        Assert.Equal((together ? 16 * ((2 * QuantizedRows.BlockBytes) + 8) : 9 * (QuantizedRows.BlockBytes + 8)) * BlocksOfARow, rows.Bytes);
    }

    [Fact]
    public void The_ends_of_the_range_are_whole_codes()
    {
        float[] row = new float[Columns];
        (row[0], row[1], row[2], row[3]) = (32512f, -32512f, 127f, 128f);

        using QuantizedRows rows = Quantized(row, 0, Columns);

        Assert.Equal([32512, -32512, 127, 128, 0], Enumerable.Range(0, 5).Select(i => Code(rows, i)));
        Assert.Equal(255f, rows.Sums(1, Columns)[0]);
        Assert.Equal((0f, 0f), (rows.Scales(1, Columns)[1], rows.Sums(1, Columns)[1]));
    }

    [Fact]
    public void A_part_of_a_row_leaves_the_rest_alone()
    {
        float[] row = Gaussian.Row(new Random(2), Columns);
        using QuantizedRows whole = Quantized(row, 0, Columns);
        using QuantizedRows part = Quantized(row, 32, 64);

        for (int i = 0; i < Columns; i++)
        {
            Assert.Equal(i is >= 32 and < 64 ? Code(whole, i) : 0, Code(part, i));
        }
    }

    private static QuantizedRows Quantized(float[] row, int from, int to, bool single = false)
    {
        QuantizedRows rows = new(2, Columns, single);
        using NativeBuffer memory = NativeBuffer.OfFloats(Columns);
        row.CopyTo(memory.FloatSpan(0, Columns));
        rows.Quantize(1, Columns, memory.Floats, from, to);
        return rows;
    }

    private static int Code(QuantizedRows rows, int i)
    {
        sbyte* block = rows.Codes(1, Columns) + (i / 32 * QuantizedRows.BlockBytes);
        return (QuantizedRows.HighWeight * block[i % 32]) + block[(i % 32) + QuantizedRows.BlockColumns];
    }
}
