using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

[Trait("Category", "Kernels")]
public sealed class Float8Tests
{
    [Fact]
    public void Every_number_widens_as_defined_and_rounds_back_to_itself()
    {
        for (int bits = 0; bits < Float8.NaN; bits++)
        {
            float wide = Float8.Widen(bits);

            Assert.Equal(Math.Pow(2, (bits / 8) - 18) * (1 + (bits % 8 / 8.0)), wide);
            Assert.Equal(bits, Float8.Round(wide));
            Assert.Equal(bits, Float8.Ceiling(wide));
        }

        Assert.True(float.IsNaN(Float8.Widen(Float8.NaN)));
    }

    [Fact]
    public void Numbers_between_two_round_to_the_nearest_ties_to_even_or_up()
    {
        for (byte bits = 0; bits < Float8.NaN - 1; bits++)
        {
            float middle = (Float8.Widen(bits) + Float8.Widen(bits + 1)) / 2;
            byte next = (byte)(bits + 1);

            Assert.Equal((bits % 2 == 0 ? bits : next, bits, next), (Float8.Round(middle), Float8.Round(MathF.BitDecrement(middle)), Float8.Round(MathF.BitIncrement(middle))));
            Assert.Equal((next, bits), (Float8.Ceiling(MathF.BitIncrement(Float8.Widen(bits))), Float8.Ceiling(Float8.Widen(bits))));
        }
    }

    [Theory]
    [InlineData(0f, 0)]
    [InlineData(float.Epsilon, 0)]
    [InlineData(1e20f, 254)]
    [InlineData(float.MaxValue, 254)]
    [InlineData(float.PositiveInfinity, 255)]
    [InlineData(float.NaN, 255)]
    public void What_lies_outside_is_the_nearest_end_and_what_is_no_number_stays_none(float value, byte expected) =>
        Assert.Equal((expected, expected), (Float8.Round(value), Float8.Ceiling(value)));

    [Fact]
    public unsafe void Vectors_widen_as_one_does()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(bits => (byte)bits)];
        fixed (byte* source = all)
        {
            for (int i = 0; i < all.Length; i += 8)
            {
                for (int lane = 0; lane < 8; lane++)
                {
                    Assert.Equal(Float8.Widen(all[i + lane]), Float8.Widen4(source + i + (lane / 4 * 4))[lane % 4]);
                    Assert.Equal(Float8.Widen(all[i + lane]), Float8.Widen(Vector256.Create((int)all[i + lane]))[lane]);
                    if (Avx2.IsSupported)
                    {
                        Assert.Equal(Float8.Widen(all[i + lane]), Float8.Widen8(source + i)[lane]);
                    }
                }
            }
        }
    }
}
