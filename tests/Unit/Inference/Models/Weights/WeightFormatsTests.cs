using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Unit.Inference.Models.Weights;

/// <summary>Every storage format against blocks worked out by hand and against <see cref="BlockFormulas"/>.</summary>
public sealed class WeightFormatsTests
{
    public static TheoryData<TensorType> Types => [.. Enum.GetValues<TensorType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_blocks_decode_to_the_formula_in_double_precision(TensorType type)
    {
        Random random = new((int)type);
        int columns = WeightFormats.BlockColumns(type) * 7;
        byte[] row = new byte[WeightFormats.RowBytes(type, columns)];
        float[] weights = new float[columns];
        for (int trial = 0; trial < 20; trial++)
        {
            random.NextBytes(row);
            BlockFormulas.MakeFinite(type, row);

            WeightFormats.Dequantize(type, row, weights);

            for (int i = 0; i < columns; i++)
            {
                double expected = BlockFormulas.Weight(type, row, i, out double magnitude);
                if (!(Math.Abs(weights[i] - expected) <= 3 * magnitude / (1 << 24)))
                {
                    Assert.Fail($"{type} weight {i}: {weights[i]:R}, expected {expected:R}");
                }
            }
        }
    }

    [Fact]
    public void Q4_0_by_hand()
    {
        // d = 0.5; byte 0 holds 0 (low, weight 0) and 15 (high, weight 16); all other codes are 8.
        byte[] block = [0x00, 0x38, 0xF0, .. Enumerable.Repeat((byte)0x88, 15)];

        float[] weights = Decode(TensorType.Q4_0, block);

        Assert.Equal(-4f, weights[0]);
        Assert.Equal(3.5f, weights[16]);
        Assert.All(weights.Where((_, i) => i is not (0 or 16)), weight => Assert.Equal(0f, weight));
    }

    [Fact]
    public void Q4_1_by_hand()
    {
        // d = 2, m = -3; byte 3 holds 5 and 10; all other codes are 0.
        byte[] block = [0x00, 0x40, 0x00, 0xC2, 0, 0, 0, 0xA5, .. new byte[12]];

        float[] weights = Decode(TensorType.Q4_1, block);

        Assert.Equal((7f, 17f, -3f), (weights[3], weights[19], weights[0]));
    }

    [Fact]
    public void Q5_0_by_hand()
    {
        // d = 1; fifth bits of weights 0 and 31; byte 0 holds 1 and 0, byte 15 holds 0 and 15.
        byte[] block = [0x00, 0x3C, 0x01, 0, 0, 0x80, 0x01, .. new byte[14], 0xF0];

        float[] weights = Decode(TensorType.Q5_0, block);

        Assert.Equal((1f, 15f, -16f), (weights[0], weights[31], weights[1]));
    }

    [Fact]
    public void Q5_1_by_hand()
    {
        // d = 1, m = 0.5; fifth bit of weight 17; byte 1 holds 2 (weight 1) and 3 (weight 17).
        byte[] block = [0x00, 0x3C, 0x00, 0x38, 0, 0, 0x02, 0, 0, 0x32, .. new byte[14]];

        float[] weights = Decode(TensorType.Q5_1, block);

        Assert.Equal((2.5f, 19.5f, 0.5f), (weights[1], weights[17], weights[0]));
    }

    [Fact]
    public void Q8_0_by_hand()
    {
        byte[] block = [0x00, 0x34, 0x80, 0x7F, .. new byte[30]];

        float[] weights = Decode(TensorType.Q8_0, block);

        Assert.Equal((-32f, 31.75f, 0f), (weights[0], weights[1], weights[2]));
    }

    [Fact]
    public void Q4_K_by_hand()
    {
        byte[] block = new byte[144];
        (block[1], block[3]) = (0x3C, 0x38); // d = 1, dmin = 0.5
        block[4] = 0x80 | 3; // scale 0 = 3; upper bits of scale 4 = 2
        block[8] = 0x40 | 4; // minimum 0 = 4; upper bits of minimum 4 = 1
        block[12] = 0x75; // scale 4 = 5 + 32 = 37, minimum 4 = 7 + 16 = 23
        block[16] = 0x09; // weight 0 = 9
        block[16 + 64] = 0x0A; // weight 128, the first of sub-block 4 = 10

        float[] weights = Decode(TensorType.Q4_K, block);

        Assert.Equal((25f, -2f), (weights[0], weights[1]));
        Assert.Equal((358.5f, -11.5f), (weights[128], weights[129]));
        Assert.Equal(0f, weights[32]);
    }

    [Fact]
    public void Q5_K_by_hand()
    {
        byte[] block = new byte[176];
        block[1] = 0x3C; // d = 1, dmin = 0
        block[5] = 2; // scale 1 = 2
        block[16 + 3] = 0x02; // fifth bit of weight 3 of sub-block 1
        block[48 + 3] = 0x70; // its nibble = 7

        float[] weights = Decode(TensorType.Q5_K, block);

        Assert.Equal(46f, weights[35]);
        Assert.Equal(46f, weights.Sum());
    }

    [Fact]
    public void Q6_K_by_hand()
    {
        byte[] block = new byte[210];
        block[209] = 0x3C; // d = 1
        block[192 + 15] = 0xFF; // scale of weights 240 to 255 = -1
        block[64 + 32 + 31] = 0x90; // nibble of weight 255 = 9
        block[128 + 32 + 31] = 0xC0; // its upper pair = 3

        float[] weights = Decode(TensorType.Q6_K, block);

        Assert.Equal(-(9 + 48 - 32), weights[255]);
        Assert.Equal(32f, weights[254]);
        Assert.Equal(0f, weights[0]);
    }

    [Fact]
    public void Plain_floats_are_exact()
    {
        Assert.Equal([1f, -0.1f], Decode(TensorType.F32, [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(-0.1f)], 2));
        Assert.Equal([65504f, 5.9604645e-8f], Decode(TensorType.F16, [0xFF, 0x7B, 0x01, 0x00], 2));
        Assert.Equal([1f, -3.3895314e38f], Decode(TensorType.BF16, [0x80, 0x3F, 0x7F, 0xFF], 2));
    }

    [Theory]
    [InlineData(TensorType.F32, 3, 12)]
    [InlineData(TensorType.Q4_0, 576, 324)]
    [InlineData(TensorType.Q4_1, 576, 360)]
    [InlineData(TensorType.Q5_0, 64, 44)]
    [InlineData(TensorType.Q5_1, 64, 48)]
    [InlineData(TensorType.Q8_0, 576, 612)]
    [InlineData(TensorType.Q4_K, 512, 288)]
    [InlineData(TensorType.Q5_K, 256, 176)]
    [InlineData(TensorType.Q6_K, 256, 210)]
    public void Row_sizes(TensorType type, int columns, int bytes) => Assert.Equal(bytes, WeightFormats.RowBytes(type, columns));

    [Fact]
    public void Wrong_sizes_and_types_are_refused()
    {
        Assert.Throws<ArgumentException>(() => WeightFormats.RowBytes(TensorType.Q4_0, 48));
        Assert.Throws<ArgumentException>(() => WeightFormats.RowBytes(TensorType.F32, 0));
        Assert.Throws<OverflowException>(() => WeightFormats.RowBytes(TensorType.F32, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightFormats.RowBytes((TensorType)4, 32));
        Assert.Throws<ArgumentException>(() => WeightFormats.Dequantize(TensorType.Q4_0, new byte[17], new float[32]));
        Assert.False(WeightFormats.IsSupported((TensorType)10));
    }

    private static float[] Decode(TensorType type, byte[] row, int columns = 0)
    {
        float[] weights = new float[columns == 0 ? WeightFormats.BlockColumns(type) : columns];
        WeightFormats.Dequantize(type, row, weights);
        return weights;
    }
}
