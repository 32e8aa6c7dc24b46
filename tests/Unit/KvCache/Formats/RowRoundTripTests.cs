using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>What a format gives back is what it was given, to the precision it promises, wherever the row lies in its unit.</summary>
[Trait("Category", "Kernels")]
public sealed class RowRoundTripTests
{
    [Theory]
    [MemberData(nameof(FormatCases.All), MemberType = typeof(FormatCases))]
    public void Rows_come_back_within_half_a_step(BitWidth width, int headDim, int group)
    {
        float[][] rows = Gaussian.Rows(new Random((int)width), 32, headDim);
        foreach (RowFormat format in (RowFormat[])[RowFormat.Keys(width), RowFormat.Values(width)])
        {
            using BlockMemory block = new(format, headDim, group, 1, rows);

            float[][] stored = block.Stored();

            for (int token = 0; token < rows.Length; token++)
            {
                for (int i = 0; i < headDim; i++)
                {
                    Assert.Equal(rows[token][i], stored[token][i], Bound(rows[token], i, width, group));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(FormatCases.All), MemberType = typeof(FormatCases))]
    public void A_row_written_again_does_not_touch_its_neighbours(BitWidth width, int headDim, int group)
    {
        Random random = new((int)width);
        float[][] rows = Gaussian.Rows(random, 16, headDim);
        float[][] other = [.. rows];
        other[5] = Gaussian.Row(random, headDim, deviation: 3);
        foreach (RowFormat format in (RowFormat[])[RowFormat.Keys(width), RowFormat.Values(width)])
        {
            using BlockMemory first = new(format, headDim, group, 1, rows);
            using BlockMemory second = new(format, headDim, group, 1, other);
            first.Rewrite(5, other[5]);

            Assert.Equal(second.Stored(), first.Stored());
        }
    }

    [Theory]
    [MemberData(nameof(FormatCases.All), MemberType = typeof(FormatCases))]
    public unsafe void Rows_on_their_own_make_the_unit_that_they_came_from(BitWidth width, int headDim, int group)
    {
        float[][] rows = Gaussian.Rows(new Random((int)width + headDim), 8, headDim);
        byte** pointers = stackalloc byte*[8];
        foreach (RowFormat format in (RowFormat[])[RowFormat.Keys(width), RowFormat.Values(width)])
        {
            CodeLayout layout = new(headDim, group, 8, RangeSearch.MinMax);
            byte[] unit = new byte[format.Bytes(layout)], made = new byte[unit.Length], alone = new byte[8 * format.RowBytes(layout)];
            fixed (byte* from = unit, to = made, first = alone)
            {
                for (int token = 0; token < 8; token++)
                {
                    format.Write(from, token, rows[token], layout);
                    pointers[token] = first + (token * format.RowBytes(layout));
                }

                for (int token = 0; token < 8; token++)
                {
                    format.Extract(from, token, pointers[token], layout);
                }

                float[] expected = new float[headDim], actual = new float[headDim];
                for (int count = 1; count <= 8; count++)
                {
                    Array.Fill(made, (byte)0xAA);
                    format.Assemble(pointers, count, to, layout);
                    for (int token = 0; token < 8; token++)
                    {
                        format.Read(to, token, actual, layout);
                        format.Read(from, token, expected, layout);
                        Assert.Equal(token < count ? expected : new float[headDim], actual);
                    }
                }

                Assert.Equal(unit, made);
            }
        }
    }

    // An eighth of a unit's, and half a byte each of eight where an odd number of chunks leaves the high bits of 3-bit values alone.
    [Theory]
    [MemberData(nameof(FormatCases.AllCoded), MemberType = typeof(FormatCases))]
    public void A_row_on_its_own_takes_an_eighth_of_a_unit(BitWidth width, int headDim, int group)
    {
        CodeLayout layout = new(headDim, group, 8, RangeSearch.MinMax);
        int odd = width == BitWidth.Three && headDim / 32 % 2 == 1 ? 4 : 0;

        Assert.Equal(RowFormat.Keys(width).Bytes(layout), 8 * RowFormat.Keys(width).RowBytes(layout));
        Assert.Equal(RowFormat.Values(width).Bytes(layout), 8 * (RowFormat.Values(width).RowBytes(layout) - odd));
    }

    // Bytes of eight rows: codes, and a byte of scale and one of zero point per group; floats have neither.
    [Theory]
    [MemberData(nameof(FormatCases.All), MemberType = typeof(FormatCases))]
    public void A_unit_takes_no_byte_more_than_its_codes_and_scales(BitWidth width, int headDim, int group)
    {
        using BlockMemory block = new(RowFormat.Keys(width), headDim, group, 1, Gaussian.Rows(new Random(1), 8, headDim));
        int expected = ((int)width * headDim / 8) + (block.Format.IsCoded ? 2 * headDim / group : 0);

        Assert.Equal(expected * block.Layout.TokensPerUnit, block.Format.Bytes(block.Layout));
        Assert.Equal(block.Format.Bytes(block.Layout), RowFormat.Values(width).Bytes(block.Layout));
    }

    private static double Bound(float[] row, int i, BitWidth width, int group)
    {
        if (width >= BitWidth.Sixteen)
        {
            return width == BitWidth.ThirtyTwo ? 0 : (Math.Abs(row[i]) / 2048) + 3e-8;
        }

        UniformCode code = UniformCode.Fit(row.AsSpan(i / group * group, group), (int)width, RangeSearch.MinMax);
        double outside = Math.Max(code.Decode(0, (int)width) - row[i], row[i] - code.Decode((1 << (int)width) - 1, (int)width));
        return Math.Max(outside, Float8.Widen(code.Scale) / 2) + 1e-6;
    }
}
