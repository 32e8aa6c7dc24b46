using System.Numerics;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Training.Fitting;

[Trait("Category", "Kernels")]
public sealed class LaneKernelsTests
{
    [Theory]
    [InlineData(4, 128, 64)]
    [InlineData(128, 4, 64)]
    [InlineData(14, 3, 192)]
    [InlineData(1, 1, 64)]
    public void Products_and_gradients_are_those_of_double_precision(int inputs, int outputs, int rows)
    {
        float[] w = Sample.Numbers(inputs * outputs, 1, 1f);
        float[] b = Sample.Numbers(outputs, 2, 1f);
        float[] x = Sample.Numbers(inputs * rows, 3, 1f);
        float[] dy = Sample.Numbers(outputs * rows, 4, 1f);
        float[] y = new float[outputs * rows];
        float[] dw = new float[inputs * outputs];
        float[] db = new float[outputs];
        float[] turned = new float[w.Length];

        LaneKernels.Multiply(w, b, x, rows, y);
        LaneKernels.Gradients(dy, x, rows, dw, db);
        LaneKernels.Transpose(w, inputs, turned);

        for (int output = 0; output < outputs; output++)
        {
            for (int row = 0; row < rows; row++)
            {
                Assert.Equal(b[output] + Enumerable.Range(0, inputs).Sum(i => (double)w[(output * inputs) + i] * x[(i * rows) + row]), y[(output * rows) + row], 1e-5);
            }

            for (int input = 0; input < inputs; input++)
            {
                Assert.Equal(Enumerable.Range(0, rows).Sum(r => (double)dy[(output * rows) + r] * x[(input * rows) + r]), dw[(output * inputs) + input], 1e-4);
                Assert.Equal(w[(output * inputs) + input], turned[(input * outputs) + output]);
            }

            Assert.Equal(Enumerable.Range(0, rows).Sum(r => (double)dy[(output * rows) + r]), db[output], 1e-4);
        }
    }

    [Fact]
    public void Exponentials_are_within_a_few_units_in_the_last_place()
    {
        for (double x = 0; x > -87; x -= 0.01)
        {
            float actual = LaneExp.Of(Vector.Create((float)x))[3];
            Assert.Equal(1, actual / Math.Exp((float)x), 3e-7);
        }

        Assert.InRange(LaneExp.Of(Vector.Create(-1e9f))[0], 0, 1.7e-38f);
    }
}
