using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>Every form of the multiply-add of bytes that this processor has, and the one for processors that have none.</summary>
[Trait("Category", "Kernels")]
public sealed class ByteDotTests
{
    [Fact]
    public void Codes_of_8_bits_are_exact()
    {
        foreach ((byte[] codes, sbyte[] weights, int[] expected) in Cases(255))
        {
            Assert.Equal(Vector128.Create(expected), ByteDot.Portable(Vector128.Create(7), Vector128.Create(codes), Vector128.Create(weights)));
            ByFours(codes, weights, (sums, four, others, place) => LeftOut(others, place) + place switch
            {
                0 => ByteDot.Wide(sums, four, others, 0),
                1 => ByteDot.Wide(sums, four, others, 1),
                2 => ByteDot.Wide(sums, four, others, 2),
                _ => ByteDot.Wide(sums, four, others, 3),
            });
        }
    }

    [Fact]
    public void Codes_of_4_bits_are_exact()
    {
        foreach ((byte[] codes, sbyte[] weights, _) in Cases(15))
        {
            ByFours(codes, weights, (sums, four, others, place) => place switch
            {
                0 => ByteDot.Narrow(sums, four, others, 0),
                1 => ByteDot.Narrow(sums, four, others, 1),
                2 => ByteDot.Narrow(sums, four, others, 2),
                _ => ByteDot.Narrow(sums, four, others, 3),
            });
        }
    }

    [Fact]
    public unsafe void Sums_of_weights_are_exact()
    {
        foreach ((_, sbyte[] weights, _) in Cases(1))
        {
            fixed (sbyte* start = weights)
            {
                Assert.Equal((weights.Take(8).Sum(weight => weight), weights.Sum(weight => weight), 0), (ByteDot.Sum(start, 8), ByteDot.Sum(start, 16), ByteDot.Sum(start, 0)));
            }
        }
    }

    [Fact]
    public void Halves_give_what_whole_vectors_give()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "needs AVX2");
        foreach ((byte[] codes, sbyte[] weights, int[] expected) in Cases(255))
        {
            Vector256<int> whole = ByteDot.Wide(Vector256.Create(7), Vector256.Create([.. codes, .. codes]), Vector256.Create([.. weights, .. weights]));
            Assert.Equal((Vector128.Create(expected), Vector128.Create(expected)), (whole.GetLower(), whole.GetUpper()));
        }
    }

    // Every four codes with each four of the weights.
    private static void ByFours(byte[] codes, sbyte[] weights, Func<Vector128<int>, Vector128<byte>, Vector128<sbyte>, int, Vector128<int>> dot)
    {
        for (int place = 0; place < 4; place++)
        {
            int[] expected = [.. Enumerable.Range(0, 4).Select(lane => 7 + Enumerable.Range(0, 4).Sum(j => codes[(4 * lane) + j] * weights[(4 * place) + j]))];
            Assert.Equal(Vector128.Create(expected), dot(Vector128.Create(7), Vector128.Create(codes), Vector128.Create(weights), place));
        }
    }

    private static Vector128<int> LeftOut(Vector128<sbyte> weights, int place) =>
        Vector128.Create(ByteDot.Offset * Enumerable.Range(4 * place, 4).Sum(j => weights[j]));

    private static IEnumerable<(byte[] Codes, sbyte[] Weights, int[] Expected)> Cases(int top)
    {
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] codes = [.. Enumerable.Range(0, 16).Select(_ => i < 4 ? (byte)top : (byte)random.Next(top + 1))];
            sbyte[] weights = [.. Enumerable.Range(0, 16).Select(_ => i % 4 == 0 ? (sbyte)127 : i % 4 == 1 ? (sbyte)-127 : i % 4 == 2 ? sbyte.MinValue : (sbyte)random.Next(-128, 128))];
            yield return (codes, weights, [.. Enumerable.Range(0, 4).Select(lane => 7 + Enumerable.Range(4 * lane, 4).Sum(j => codes[j] * weights[j]))]);
        }
    }
}
