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
            Vector128<byte> c = Vector128.Create(codes);
            Vector128<sbyte> w = Vector128.Create(weights);
            Assert.Equal(Vector128.Create(expected), ByteDot.Wide(Vector128.Create(7), c, w));
            Assert.Equal(Vector128.Create(expected), ByteDot.Portable(Vector128.Create(7), c, w));
        }
    }

    [Fact]
    public void Codes_of_4_bits_are_exact()
    {
        foreach ((byte[] codes, sbyte[] weights, int[] expected) in Cases(15))
        {
            Assert.Equal(Vector128.Create(expected), ByteDot.Narrow(Vector128.Create(7), Vector128.Create(codes), Vector128.Create(weights)));
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

    private static IEnumerable<(byte[] Codes, sbyte[] Weights, int[] Expected)> Cases(int top)
    {
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] codes = [.. Enumerable.Range(0, 16).Select(_ => i < 4 ? (byte)top : (byte)random.Next(top + 1))];
            sbyte[] weights = [.. Enumerable.Range(0, 16).Select(_ => i % 4 == 0 ? (sbyte)127 : i % 4 == 1 ? (sbyte)-127 : (sbyte)random.Next(-127, 128))];
            yield return (codes, weights, [.. Enumerable.Range(0, 4).Select(lane => 7 + Enumerable.Range(4 * lane, 4).Sum(j => codes[j] * weights[j]))]);
        }
    }
}
