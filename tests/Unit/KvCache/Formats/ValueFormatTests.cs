using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>Weighted sums of every value format: exactly where all numbers are whole, and against double precision on normal rows.</summary>
[Trait("Category", "Kernels")]
public sealed class ValueFormatTests
{
    private const int Heads = 6;

    [Theory]
    [MemberData(nameof(FormatCases.AllCoded), MemberType = typeof(FormatCases))]
    public void The_integer_sum_is_exact(BitWidth width, int headDim, int group)
    {
        Random random = new(headDim);
        int top = (1 << (int)width) - 1;
        float[][] values = WholeRows.Random(random, 32, headDim, group, 0, top);
        values[9] = WholeRows.Of(headDim, top, first: 0, group);
        float[][] weights = [WholeRows.Of(32, 127), .. WholeRows.Random(random, Heads - 1, 32, 32, 0, 127)];
        using BlockMemory block = new(RowFormat.Values(width), headDim, group, Heads, values);

        block.Accumulate(weights);
        block.Accumulate(weights);

        for (int head = 0; head < Heads; head++)
        {
            for (int i = 0; i < headDim; i++)
            {
                int exact = 0;
                for (int token = 0; token < values.Length; token++)
                {
                    exact += (int)weights[head][token] * (int)values[token][i];
                }

                Assert.Equal(2 * exact, block.Sum(head, i));
            }
        }
    }

    [Theory]
    [MemberData(nameof(FormatCases.WidthsAndHeads), MemberType = typeof(FormatCases))]
    public void Sums_equal_double_precision_within_half_a_step_of_the_weights(BitWidth width, int heads)
    {
        Random random = new(heads);
        foreach ((int headDim, int group) in FormatCases.Shapes)
        {
            int tokens = 1 + random.Next(32);
            float[][] values = Gaussian.Rows(random, tokens, headDim);
            using BlockMemory block = new(RowFormat.Values(width), headDim, group, heads, values);
            float[][] weights = [.. Enumerable.Range(0, heads).Select(_ => Enumerable.Range(0, tokens).Select(_ => MathF.Exp(-4 * random.NextSingle())).ToArray())];

            block.Accumulate(weights);

            float[][] stored = block.Stored();
            for (int head = 0; head < heads; head++)
            {
                for (int i = 0; i < headDim; i++)
                {
                    double expected = stored.Select((row, token) => (double)weights[head][token] * row[i]).Sum();
                    double magnitude = stored.Select((row, token) => (double)weights[head][token] * Math.Abs(row[i])).Sum();
                    double bound = block.Format.IsCoded ? WeightError(stored, values, weights[head], i, (int)width, group) : 0;
                    Assert.Equal(expected, block.Sum(head, i), bound + (3e-6 * magnitude));
                }
            }
        }
    }

    [Fact]
    public void A_token_of_weight_0_adds_nothing()
    {
        float[][] values = Gaussian.Rows(new Random(7), 20, 64);
        float[][] weights = [[.. Enumerable.Range(0, 20).Select(token => token == 13 ? 1f : 0f)]];
        foreach (BitWidth width in FormatCases.Widths)
        {
            using BlockMemory block = new(RowFormat.Values(width), 64, 64, 1, values);

            block.Accumulate(weights);

            float[] stored = block.Stored()[13];
            Assert.All(stored, (value, i) => Assert.Equal(value, block.Sum(0, i), 1e-6));
        }
    }

    // The folded weights w * scale are rounded to 127 levels of the largest: each token's error is at most half a level times its code.
    private static double WeightError(float[][] stored, float[][] values, float[] weights, int i, int bits, int group)
    {
        int start = i / group * group;
        UniformCode[] codes = [.. values.Select(row => UniformCode.Fit(row.AsSpan(start, group), bits, RangeSearch.MinMax))];
        double level = codes.Select((code, token) => Float8.Widen(code.Scale) * (double)weights[token]).Max() / 127;
        return stored.Select((row, token) => (row[i] - codes[token].Decode(0, bits)) / Float8.Widen(codes[token].Scale)).Sum() * level / 2;
    }
}
