using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

[Trait("Category", "Kernels")]
public sealed class UniformCodeTests
{
    private static readonly int[] Widths = [2, 3, 4, 8];

    public static TheoryData<int, int> WidthsAndGroups => [.. from bits in Widths from size in (int[])[32, 64, 96, 128] select (bits, size)];

    [Theory]
    [MemberData(nameof(WidthsAndGroups))]
    public void Every_element_gets_the_nearest_stored_number(int bits, int size)
    {
        Random random = new(bits);
        for (int trial = 0; trial < 50; trial++)
        {
            float[] group = Gaussian.Row(random, size, deviation: Math.Pow(10, random.Next(-3, 3)), mean: random.NextDouble());
            foreach (RangeSearch search in Enum.GetValues<RangeSearch>())
            {
                UniformCode code = UniformCode.Fit(group, bits, search);
                byte[] codes = Encode(code, group, bits);
                double step = Float8.Widen(code.Scale);
                for (int i = 0; i < size; i++)
                {
                    // Half a step inside the stored range, the distance to its end outside.
                    double least = Enumerable.Range(0, 1 << bits).Min(c => Math.Abs(group[i] - code.Decode(c, bits)));
                    double error = Math.Abs(group[i] - code.Decode(codes[i], bits));
                    double outside = Math.Max(code.Decode(0, bits) - group[i], group[i] - code.Decode((1 << bits) - 1, bits));
                    Assert.InRange(error, 0, least + (step * 1e-4));
                    Assert.InRange(error, 0, Math.Max(outside, step / 2) + (step * 1e-4));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndGroups))]
    public void Vectors_find_what_one_element_at_a_time_finds(int bits, int size)
    {
        Random random = new(bits * size);
        for (int trial = 0; trial < 300; trial++)
        {
            float[] group = Gaussian.Row(random, size, deviation: Math.Pow(10, random.Next(-20, 15)), mean: random.NextDouble());
            if (trial % 3 == 0)
            {
                Array.Fill(group, random.NextSingle(), 0, random.Next(size));
            }

            group[random.Next(size)] *= trial % 5 == 0 ? 1000 : 1;
            UniformCode code = UniformCode.Fit(group, bits, RangeSearch.Clip);

            Assert.Equal(ScalarUniformCode.Fit(group, bits), code);
            Assert.Equal(group.Select(value => ScalarUniformCode.Encode(code, value, bits)), Encode(code, group, bits));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_a_number_stays_none(float value)
    {
        float[] group = [value, .. Enumerable.Repeat(1f, 63)];

        UniformCode code = UniformCode.Fit(group, 4, RangeSearch.Clip);

        Assert.False(float.IsFinite(code.Decode(Encode(code, group, 4)[0], 4)));
    }

    [Theory]
    [MemberData(nameof(WidthsAndGroups))]
    public void All_codes_occur(int bits, int size)
    {
        Random random = new(size);
        HashSet<byte> seen = [];
        for (int trial = 0; trial < 60; trial++)
        {
            float[] group = [.. Enumerable.Range(0, size).Select(_ => random.NextSingle() - 0.3f)];
            seen.UnionWith(Encode(UniformCode.Fit(group, bits, RangeSearch.MinMax), group, bits));
        }

        Assert.Equal(1 << bits, seen.Count);
    }

    [Fact]
    public void The_scale_is_rounded_first_and_the_codes_fit_the_rounded_one()
    {
        // The range 0..3.01 has the step 1.00333, which is kept as 1: an unrounded step would give 1.502 the code 1, the stored one gives 2.
        float[] group = [0f, 3.01f, 1.502f, .. new float[29]];

        UniformCode code = UniformCode.Fit(group, 2, RangeSearch.MinMax);

        Assert.Equal(1f, Float8.Widen(code.Scale));
        Assert.Equal((byte[])[0, 3, 2], Encode(code, group, 2)[..3]);
    }

    [Theory]
    [MemberData(nameof(WidthsAndGroups))]
    public void Clipping_is_never_worse_than_min_max_and_often_better(int bits, int size)
    {
        Random random = new(bits + size);
        double clipped = 0, whole = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            float[] group = Gaussian.Row(random, size, mean: random.NextDouble());
            double clip = SquaredError(UniformCode.Fit(group, bits, RangeSearch.Clip), group, bits);
            double minMax = SquaredError(UniformCode.Fit(group, bits, RangeSearch.MinMax), group, bits);
            Assert.True(clip <= minMax * (1 + 1e-5), $"clip {clip:R}, min/max {minMax:R}");
            clipped += clip;
            whole += minMax;
        }

        // Eight bits have nothing to win by clipping.
        Assert.True(bits == 8 || clipped < 0.97 * whole, $"{clipped / whole:F3} of the squared error");
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-2.5f)]
    [InlineData(1e-30f)]
    [InlineData(7000f)]
    public void A_constant_group_keeps_its_number_to_half_a_step(float value)
    {
        float[] group = new float[64];
        Array.Fill(group, value);
        foreach (RangeSearch search in Enum.GetValues<RangeSearch>())
        {
            UniformCode code = UniformCode.Fit(group, 4, search);

            Assert.Equal(value, code.Decode(Encode(code, group, 4)[0], 4), Float8.Widen(code.Scale) / 2);
            Assert.InRange(Float8.Widen(code.Scale), 0, Math.Max(Math.Abs(value) / 15 * 1.126, 4e-6));
        }
    }

    [Fact]
    public void Zero_is_kept_exactly_where_all_are()
    {
        UniformCode code = UniformCode.Fit(new float[64], 4, RangeSearch.Clip);

        Assert.Equal(0f, code.Decode(Encode(code, new float[64], 4)[0], 4));
    }

    private static byte[] Encode(UniformCode code, float[] group, int bits)
    {
        byte[] codes = new byte[group.Length];
        code.Encode(group, bits, codes);
        return codes;
    }

    private static double SquaredError(UniformCode code, float[] group, int bits)
    {
        byte[] codes = Encode(code, group, bits);
        return group.Select((value, i) => Math.Pow(value - (double)code.Decode(codes[i], bits), 2)).Sum();
    }
}
