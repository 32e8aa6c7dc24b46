using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

[Trait("Category", "Kernels")]
public sealed class VectorExpTests
{
    [Fact]
    public void Relative_error_is_below_3e_7_down_to_minus_87()
    {
        double worst = 0;
        for (float x = 0f; x > -87.3f; x -= 1f / 512)
        {
            double exact = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(VectorExp.Exp(Vector256.Create(x))[0] - exact) / exact);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst relative error {worst:G3}");
        Assert.True(worst < 3e-7, $"{worst:G4}");
    }

    [Fact]
    public void Lanes_are_apart_the_largest_weight_is_1_and_what_is_far_below_is_nothing()
    {
        Vector256<float> e = VectorExp.Exp(Vector256.Create(0f, -1f, -2f, -50f, -87f, -100f, -1e30f, float.NegativeInfinity));

        Assert.Equal(1f, e[0]);
        Assert.Equal(Math.Exp(-1), e[1], 1e-7);
        Assert.Equal(Math.Exp(-2), e[2], 1e-7);
        Assert.All(Enumerable.Range(5, 3), lane => Assert.InRange(e[lane], 0f, 2e-38f));
    }

    [Fact]
    public void Not_a_number_stays_one() => Assert.True(float.IsNaN(VectorExp.Exp(Vector256.Create(float.NaN))[0]));
}
