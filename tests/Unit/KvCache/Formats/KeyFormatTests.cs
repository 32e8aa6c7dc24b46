using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>Scores of every key format: exactly where all numbers are whole, and against double precision on normal rows.</summary>
[Trait("Category", "Kernels")]
public sealed class KeyFormatTests
{
    [Theory]
    [MemberData(nameof(FormatCases.AllCoded), MemberType = typeof(FormatCases))]
    public void The_integer_dot_is_exact(BitWidth width, int headDim, int group)
    {
        Random random = new(headDim);
        int top = (1 << (int)width) - 1;
        float[][] keys = WholeRows.Random(random, 32, headDim, group, 0, top);
        float[][] queries = [WholeRows.Of(headDim, 127), WholeRows.Of(headDim, -127), .. WholeRows.Random(random, 4, headDim, headDim, -127, 127)];
        keys[3] = WholeRows.Of(headDim, top, first: 0, group);
        using BlockMemory block = new(RowFormat.Keys(width), headDim, group, queries.Length, keys);

        float[][] scores = block.ScoresOf(queries);

        Assert.Equal(keys, block.Stored());
        for (int head = 0; head < queries.Length; head++)
        {
            for (int token = 0; token < keys.Length; token++)
            {
                int exact = 0;
                for (int i = 0; i < headDim; i++)
                {
                    exact += (int)queries[head][i] * (int)keys[token][i];
                }

                Assert.Equal(exact, scores[head][token]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(FormatCases.WidthsAndHeads), MemberType = typeof(FormatCases))]
    public void Scores_equal_double_precision_over_the_stored_rows(BitWidth width, int heads)
    {
        Random random = new(heads);
        foreach ((int headDim, int group) in FormatCases.Shapes)
        {
            int tokens = 1 + random.Next(32);
            float[][] keys = Gaussian.Rows(random, tokens, headDim);
            using BlockMemory block = new(RowFormat.Keys(width), headDim, group, heads, keys);
            float[][] queries = Gaussian.Rows(random, heads, headDim);

            float[][] scores = block.ScoresOf(queries);

            float[][] stored = block.Stored();
            for (int head = 0; head < heads; head++)
            {
                for (int token = 0; token < tokens; token++)
                {
                    (double expected, double queryError, double magnitude) = Reference(block, (int)width, keys[token], stored[token], queries[head], head);
                    Assert.Equal(expected, scores[head][token], 1e-6 * magnitude);
                    double plain = stored[token].Zip(queries[head], (x, q) => (double)x * q).Sum();
                    Assert.Equal(plain, scores[head][token], queryError + (1e-6 * magnitude));
                }
            }
        }
    }

    // Coded keys: the int8 query meets the codes, and the exact sum of the query the group's minimum.
    private static unsafe (double Score, double QueryError, double Magnitude) Reference(
        BlockMemory block, int bits, float[] original, float[] key, float[] query, int head)
    {
        double score = 0, error = 0, magnitude = 0;
        for (int start = 0; start < key.Length; start += block.Layout.GroupSize)
        {
            ReadOnlySpan<float> group = original.AsSpan(start, block.Layout.GroupSize);
            double minimum = block.Format.IsCoded ? UniformCode.Fit(group, bits, RangeSearch.MinMax).Decode(0, bits) : 0;
            for (int i = start; i < start + block.Layout.GroupSize; i++)
            {
                double code = block.Format.IsCoded ? block.Queries.CodeRow(head)[i] * (double)block.Queries.Scale(head) : query[i];
                score += (code * (key[i] - minimum)) + (query[i] * minimum);
                error += block.Format.IsCoded ? block.Queries.Scale(head) / 2 * (key[i] - minimum) : 0;
                magnitude += Math.Abs(query[i]) * (Math.Abs(key[i]) + Math.Abs(minimum));
            }
        }

        return (score, error, magnitude);
    }
}
