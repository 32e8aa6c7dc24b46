using AdaptiveKv.Collection;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Collection;

public sealed class BitAllocationTests
{
    private static readonly BitWidth[] Widths = [BitWidth.Two, BitWidth.Three, BitWidth.Four];

    [Fact]
    public void Bits_go_where_they_save_most() =>
        Assert.Equal([BitWidth.Four, BitWidth.Two, BitWidth.Three], BitAllocation.Of([[9, 4, 1], [1, 0.5, 0.25], [4, 1, 0.5]], Widths, 9));

    /// <summary>Convex or not: every other choice of as many bits loses as much at least.</summary>
    [Fact]
    public void Nothing_is_better()
    {
        Random random = new(3);
        for (int trial = 0; trial < 50; trial++)
        {
            double[][] losses = [.. Enumerable.Range(0, 5).Select(_ => (double[])[random.NextDouble(), random.NextDouble(), random.NextDouble()])];
            for (int bits = 10; bits <= 20; bits++)
            {
                BitWidth[] chosen = BitAllocation.Of(losses, Widths, bits);

                Assert.Equal(bits, chosen.Sum(width => (int)width));
                Assert.Equal(Least(losses, bits), Loss(losses, chosen), 1e-9);
            }
        }
    }

    /// <summary>A third bit alone saves nothing here; the step of two does.</summary>
    [Fact]
    public void A_step_may_be_of_several_bits() =>
        Assert.Equal([BitWidth.Four, BitWidth.Two], BitAllocation.Of([[9, 9, 1], [1, 0.9, 0.8]], Widths, 6));

    /// <summary>With a step of four bits the greedy choice is not the best: it gives the first part a third bit first.</summary>
    [Fact]
    public void A_step_of_four_bits_is_weighed_against_four_of_one() => Assert.Equal(
        [BitWidth.Eight, BitWidth.Two, BitWidth.Two],
        BitAllocation.Of([[20, 19, 18, 0], [4, 2, 1, 0], [4, 2, 1, 0]], [BitWidth.Two, BitWidth.Three, BitWidth.Four, BitWidth.Eight], 12));

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public void Bits_out_of_reach_are_refused(int bits) =>
        Assert.Contains($"{bits} bits over 2 parts", Assert.Throws<ArgumentException>(() => BitAllocation.Of([[2, 1, 0], [2, 1, 0]], Widths, bits)).Message, StringComparison.Ordinal);

    private static double Loss(double[][] losses, BitWidth[] chosen) => chosen.Select((width, part) => losses[part][Array.IndexOf(Widths, width)]).Sum();

    private static double Least(double[][] losses, int bits)
    {
        double least = double.PositiveInfinity;
        for (int code = 0; code < 243; code++)
        {
            BitWidth[] widths = [.. Enumerable.Range(0, 5).Select(part => Widths[code / (int)Math.Pow(3, part) % 3])];
            least = widths.Sum(width => (int)width) == bits ? Math.Min(least, Loss(losses, widths)) : least;
        }

        return least;
    }
}
