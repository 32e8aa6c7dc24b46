using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class NormalTests
{
    /// <summary>Two-sided tails of the printed tables, and one far out: 2 (1 - Phi(6)) = 1.973175e-9.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0.317310508)]
    [InlineData(-1.959963985, 0.05)]
    [InlineData(2.575829304, 0.01)]
    [InlineData(6, 1.973175290e-9)]
    public void The_tails_are_those_of_the_tables(double z, double p) => Assert.Equal(p, Normal.TwoSided(z), Math.Max(1e-9 * p, 1e-17) * 100);
}
