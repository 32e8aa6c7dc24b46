using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Decoding;

[Trait("Category", "Kernels")]
public sealed unsafe class RotaryEmbeddingTests
{
    private const int Positions = 1024;

    public static TheoryData<RotaryLayout, int> Cases =>
        [.. from layout in Enum.GetValues<RotaryLayout>() from headDim in (int[])[32, 64, 96, 128, 256] select (layout, headDim)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Pairs_turn_as_in_double_precision(RotaryLayout layout, int headDim)
    {
        using RotaryEmbedding rotary = new(Shape(layout, headDim), Positions);
        foreach (int position in (int[])[0, 1, 77, Positions - 1])
        {
            float[] row = Gaussian.Row(new Random(position), headDim);

            float[] turned = Apply(rotary, row, position);

            for (int pair = 0; pair < headDim / 2; pair++)
            {
                (int i, int j) = layout == RotaryLayout.Interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + (headDim / 2));
                (double sine, double cosine) = Math.SinCos(position * Math.Pow(10000, -2.0 * pair / headDim));
                Assert.Equal((row[i] * cosine) - (row[j] * sine), turned[i], 1e-6);
                Assert.Equal((row[j] * cosine) + (row[i] * sine), turned[j], 1e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_depend_on_the_distance_only(RotaryLayout layout, int headDim)
    {
        using RotaryEmbedding rotary = new(Shape(layout, headDim), Positions);
        float[] query = Gaussian.Row(new Random(1), headDim), key = Gaussian.Row(new Random(2), headDim);

        double near = Dot(Apply(rotary, query, 13), Apply(rotary, key, 5));
        double far = Dot(Apply(rotary, query, 1013), Apply(rotary, key, 1005));

        Assert.Equal(near, far, 1e-4);
    }

    private static float[] Apply(RotaryEmbedding rotary, float[] row, int position)
    {
        float[] turned = [.. row];
        fixed (float* pointer = turned)
        {
            rotary.Apply(pointer, position);
        }

        return turned;
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static LlamaShape Shape(RotaryLayout layout, int headDim) => new(1, headDim, 64, 1, 1, headDim, 8, Positions, 10000f, 1e-5f, layout, TiedOutput: true);
}
