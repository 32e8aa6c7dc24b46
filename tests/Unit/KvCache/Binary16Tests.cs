using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>All 65,536 halves against the runtime's own conversion; those with the exponent of infinity are outside the contract.</summary>
[Trait("Category", "Kernels")]
public sealed class Binary16Tests
{
    private const int SmallestNormal = 0x0400;

    private static IEnumerable<ushort> Finite => Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits).Where(bits => (bits & 0x7C00) != 0x7C00);

    [Fact]
    public void Every_half_widens_and_rounds_back_to_itself() => Assert.All(Finite, bits =>
    {
        Assert.Equal((float)BitConverter.UInt16BitsToHalf(bits), Binary16.Widen(bits));
        Assert.Equal(bits, Binary16.Round(Binary16.Widen(bits)));
    });

    [Fact]
    public unsafe void The_vector_conversions_equal_the_scalar_ones_on_every_half()
    {
        Assert.SkipUnless(Avx2.IsSupported, "the vector conversion needs AVX2");
        ushort[] halves = [.. Finite];
        fixed (ushort* source = halves)
        {
            for (int i = 0; i < halves.Length; i += 8)
            {
                Vector256<float> wide = Binary16.Widen8(source + i);
                Vector256<int> back = Binary16.Round8(wide);
                Vector256<int> pairs = back | (back << 16);
                Binary16.WidenPairs(pairs, out Vector256<float> low, out Vector256<float> high);
                for (int lane = 0; lane < 8; lane++)
                {
                    uint expected = BitConverter.SingleToUInt32Bits(Binary16.Widen(halves[i + lane]));
                    Assert.Equal(expected, BitConverter.SingleToUInt32Bits(wide[lane]));
                    Assert.Equal(halves[i + lane], back[lane]);
                    Assert.Equal(expected, BitConverter.SingleToUInt32Bits(low[lane]));
                    Assert.Equal(expected, BitConverter.SingleToUInt32Bits(high[lane]));
                }
            }
        }
    }

    [Fact]
    public void Numbers_between_halves_round_to_the_nearest_ties_to_even()
    {
        ushort[] positive = [.. Finite.Where(bits => bits < 0x8000)];
        for (int i = SmallestNormal; i + 1 < positive.Length; i++)
        {
            float low = Binary16.Widen(positive[i]);
            float middle = (low + Binary16.Widen(positive[i + 1])) / 2;
            ushort even = (positive[i] & 1) == 0 ? positive[i] : positive[i + 1];
            Assert.Equal((even, positive[i], positive[i + 1]), (Nearest(middle), Nearest(MathF.BitDecrement(middle)), Nearest(MathF.BitIncrement(middle))));
            Assert.Equal((ushort)(even | 0x8000), Nearest(-middle));
        }
    }

    [Fact]
    public void Subnormal_halves_round_within_half_a_step()
    {
        const double Step = 1.0 / (1 << 24);
        Random random = new(16);
        for (int i = 0; i < 20_000; i++)
        {
            float value = (float)((random.NextDouble() - 0.5) * 2 * SmallestNormal * Step);
            Assert.InRange(Math.Abs(value - Binary16.Widen(Nearest(value))), 0, Step / 2 * (1 + 1e-3));
        }
    }

    [Theory]
    [InlineData(65504f, 65504f)]
    [InlineData(65519f, 65504f)]
    [InlineData(1e30f, 65504f)]
    [InlineData(-1e30f, -65504f)]
    [InlineData(float.PositiveInfinity, 65504f)]
    [InlineData(1e-9f, 0f)]
    [InlineData(-0f, -0f)]
    public void Numbers_out_of_range_saturate(float value, float expected) =>
        Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(Binary16.Widen(Nearest(value))));

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(21)]
    [InlineData(64)]
    public void Through_rounds_every_element_whatever_the_length(int length)
    {
        float[] row = Gaussian.Row(new Random(length), length, deviation: 100);
        float[] rounded = [.. row];

        Binary16.Through(rounded);

        Assert.Equal(row.Select(value => (float)(Half)value), rounded);
    }

    // The conversion that the cache uses: eight at a time where the machine can.
    private static ushort Nearest(float value)
    {
        ushort scalar = Binary16.Round(value);
        if (Vector256.IsHardwareAccelerated && Math.Abs(scalar & 0x7FFF) >= SmallestNormal)
        {
            Assert.Equal(scalar, Binary16.Round8(Vector256.Create(value))[0]);
        }

        return Vector256.IsHardwareAccelerated ? (ushort)Binary16.Round8(Vector256.Create(value))[0] : scalar;
    }
}
