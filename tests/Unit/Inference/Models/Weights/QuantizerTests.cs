using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Unit.Inference.Models.Weights;

/// <summary>Blocks encoded: rounding to half a step, exact ends, special blocks.</summary>
public sealed class QuantizerTests
{
    [Theory]
    [InlineData(TensorType.Q4_0, 8.0)]
    [InlineData(TensorType.Q4_1, 7.5)]
    [InlineData(TensorType.Q8_0, 127.0)]
    public void The_error_is_within_half_a_step(TensorType type, double stepsPerRange)
    {
        Random random = new(20 + (int)type);
        float[] weights = new float[32];
        byte[] block = new byte[WeightFormats.RowBytes(type, 32)];
        float[] decoded = new float[32];
        for (int trial = 0; trial < 2000; trial++)
        {
            double scale = Math.Pow(10, (random.NextDouble() * 5) - 3);
            double shift = type == TensorType.Q4_1 ? random.NextDouble() : 0;
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = (float)(scale * (random.NextDouble() - 0.5 + shift));
            }

            Assert.True(WeightFormats.Quantize(type, weights, block));
            WeightFormats.Dequantize(type, block, decoded);

            double largest = weights.Max(Math.Abs);
            double range = type == TensorType.Q4_1 ? (weights.Max() - weights.Min()) / 2 : largest;
            double step = range / stepsPerRange;

            // Scale and minimum are stored with 11 bits, and in steps of 2^-24 near zero: half a unit of each moves a weight.
            double stored = ((largest + (2 * range)) / 2048) + (((2 * stepsPerRange) + 1) * Math.Pow(2, -25));
            for (int i = 0; i < weights.Length; i++)
            {
                // Q4_0 has 8 steps below zero and 7 above: what lies opposite the extreme weight may be cut by up to a step.
                bool cut = type == TensorType.Q4_0 && weights[i] * Extreme(weights) < 0 && Math.Abs(weights[i]) > 7.5 * step;
                double most = (cut ? step : step / 2) + stored;
                if (Math.Abs(weights[i] - decoded[i]) > most)
                {
                    Assert.Fail($"{type}: {weights[i]} became {decoded[i]}, step {step}");
                }
            }
        }
    }

    [Fact]
    public void Q4_0_by_hand()
    {
        float[] weights = new float[32];
        (weights[0], weights[1], weights[16], weights[17]) = (-4f, 4f, 1.2f, 0.3f);

        byte[] block = Encode(TensorType.Q4_0, weights);

        // d = -4 / -8 = 0.5: codes 0, 15 (cut from 16), round(2.4) + 8 = 10, round(0.6) + 8 = 9.
        Assert.Equal([0x00, 0x38, 0xA0, 0x9F, 0x88], block[..5]);
    }

    [Fact]
    public void Q4_1_by_hand()
    {
        float[] weights = [.. Enumerable.Range(0, 32).Select(i => 1f + (i / 2))];

        byte[] block = Encode(TensorType.Q4_1, weights);

        // least 1, greatest 16: d = 1, m = 1; byte i holds i / 2 and i / 2 + 8.
        Assert.Equal([0x00, 0x3C, 0x00, 0x3C, 0x80, 0x80, 0x91, 0x91], block[..8]);
        Assert.Equal(weights, Decode(TensorType.Q4_1, block));
    }

    [Fact]
    public void Q8_0_rounds_halves_away_from_zero()
    {
        float[] weights = new float[32];
        (weights[0], weights[1], weights[2], weights[3]) = (127f, 2.5f, -2.5f, -127f);

        byte[] block = Encode(TensorType.Q8_0, weights);

        Assert.Equal([0x00, 0x3C, 127, 3, 0xFD, 0x81, 0], block[..7]);
    }

    [Theory]
    [InlineData(TensorType.Q4_0, 0f)]
    [InlineData(TensorType.Q4_1, 0f)]
    [InlineData(TensorType.Q8_0, 0f)]
    [InlineData(TensorType.Q4_0, -3f)]
    [InlineData(TensorType.Q4_1, -3f)]
    [InlineData(TensorType.Q4_1, 0.25f)]
    public void Constant_blocks_are_exact(TensorType type, float weight)
    {
        float[] weights = [.. Enumerable.Repeat(weight, 32)];

        Assert.Equal(weights, Decode(type, Encode(type, weights)));
    }

    [Theory]
    [InlineData(TensorType.Q4_0)]
    [InlineData(TensorType.Q4_1)]
    [InlineData(TensorType.Q8_0)]
    public void Weights_too_small_for_a_step_become_their_nearest_value(TensorType type)
    {
        float[] weights = [.. Enumerable.Range(0, 32).Select(i => (i - 16) * 1e-42f)];

        Assert.All(Decode(type, Encode(type, weights)), weight => Assert.True(Math.Abs(weight) < 1e-6));
    }

    [Fact]
    public void A_scale_beyond_binary16_is_reported()
    {
        float[] weights = [1e8f, .. new float[31]];

        Assert.False(WeightFormats.Quantize(TensorType.Q4_0, weights, new byte[18]));
        Assert.False(WeightFormats.Quantize(TensorType.Q4_1, weights, new byte[20]));
        Assert.False(WeightFormats.Quantize(TensorType.Q8_0, weights, new byte[34]));
    }

    private static float Extreme(float[] weights) => weights.MaxBy(Math.Abs);

    private static byte[] Encode(TensorType type, float[] weights)
    {
        byte[] block = new byte[WeightFormats.RowBytes(type, weights.Length)];
        Assert.True(WeightFormats.Quantize(type, weights, block));
        return block;
    }

    private static float[] Decode(TensorType type, byte[] block)
    {
        float[] weights = new float[32];
        WeightFormats.Dequantize(type, block, weights);
        return weights;
    }
}
