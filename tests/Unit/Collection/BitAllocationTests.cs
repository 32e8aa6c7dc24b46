using AdaptiveKv.Collection;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Collection;

public sealed class BitAllocationTests
{
    private static readonly BitWidth[] Widths = [BitWidth.Two, BitWidth.Three, BitWidth.Four];

    [Fact]
    public void Bits_go_where_they_save_most() =>
        Assert.Equal([BitWidth.Four, BitWidth.Two, BitWidth.Three], BitAllocation.Of([[9, 4, 1], [1, 0.5, 0.25], [4, 1, 0.5]], Widths, 9));

    [Fact]
    public void Where_losses_are_convex_nothing_is_better()
    {
        Random random = new(3);
        for (int trial = 0; trial < 50; trial++)
        {
            double[][] losses = [.. Enumerable.Range(0, 5).Select(_ => Convex(random))];
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

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public void Bits_out_of_reach_are_refused(int bits) =>
        Assert.Contains($"{bits} bits over 2 parts", Assert.Throws<ArgumentException>(() => BitAllocation.Of([[2, 1, 0], [2, 1, 0]], Widths, bits)).Message, StringComparison.Ordinal);

    private static double[] Convex(Random random)
    {
        double first = random.NextDouble(), second = first * random.NextDouble();
        return [first + second, second, 0];
    }

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
