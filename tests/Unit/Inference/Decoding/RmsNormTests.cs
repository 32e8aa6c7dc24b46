using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Decoding;

[Trait("Category", "Kernels")]
public sealed class RmsNormTests
{
    [Theory]
    [InlineData(32, 1)]
    [InlineData(576, 1e-3)]
    [InlineData(100, 1e4)]
    public void Equals_double_precision(int width, double deviation)
    {
        float[] input = Gaussian.Row(new Random(width), width, deviation), weight = Gaussian.Row(new Random(1), width), output = new float[width];
        double scale = 1 / Math.Sqrt((input.Sum(x => (double)x * x) / width) + 1e-5);

        RmsNorm.Apply(input, weight, 1e-5f, output);

        Assert.All(output, (y, i) => Assert.Equal(input[i] * scale * weight[i], y, 2e-6 * (1 + Math.Abs(y))));
    }

    [Fact]
    public void Nothing_stays_nothing()
    {
        float[] output = new float[32];

        RmsNorm.Apply(new float[32], new float[32], 1e-5f, output);

        Assert.All(output, y => Assert.Equal(0f, y));
    }
}
