using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Decoding;

[Trait("Category", "Kernels")]
public sealed class SwiGluTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(1536)]
    public void Equals_double_precision(int width)
    {
        float[] gate = Gaussian.Row(new Random(width), width, deviation: 5), up = Gaussian.Row(new Random(1), width), output = new float[width];

        SwiGlu.Apply(gate, up, output);

        Assert.All(output, (y, i) => Assert.Equal(gate[i] / (1 + Math.Exp(-gate[i])) * up[i], y, 2e-6 * (1 + Math.Abs(y))));
    }

    [Fact]
    public void Large_gates_neither_overflow_nor_turn_into_no_number()
    {
        float[] output = new float[3];

        SwiGlu.Apply([-1e4f, 1e4f, 0f], [2f, 2f, 2f], output);

        Assert.Equal([0f, 2e4f, 0f], output.Select(y => y == 0f ? 0f : y));
    }
}
