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

    // Bytes of eight rows: codes, and 2 + 2 bytes of scale and minimum per group; floats have neither.
    [Theory]
    [MemberData(nameof(FormatCases.All), MemberType = typeof(FormatCases))]
    public void A_unit_takes_no_byte_more_than_its_codes_and_scales(BitWidth width, int headDim, int group)
    {
        using BlockMemory block = new(RowFormat.Keys(width), headDim, group, 1, Gaussian.Rows(new Random(1), 8, headDim));
        int expected = ((int)width * headDim / 8) + (block.Format.IsCoded ? 4 * headDim / group : 0);

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
        double outside = Math.Max(code.Decode(0) - row[i], row[i] - code.Decode((1 << (int)width) - 1));
        return Math.Max(outside, Bfloat16.Widen(code.Scale) / 2) + 1e-6;
    }
}
