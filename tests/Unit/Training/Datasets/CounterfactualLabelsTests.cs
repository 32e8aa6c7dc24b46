using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Training.Datasets;

public sealed class CounterfactualLabelsTests
{
    private static readonly double[] Bits = [2, 4, 8, 16];

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.2001, 0)]
    [InlineData(0, 2)]
    [InlineData(0.01, 1)]
    [InlineData(-1, 3)]
    public void The_cheapest_tier_within_epsilon_is_the_label(double epsilon, int label) =>
        Assert.Equal(label, CounterfactualLabels.Of([0.22f, 0.03f, 0.01f, 0.02f], epsilon + 1e-8));

    [Theory]
    [InlineData(2.5)]
    [InlineData(4)]
    [InlineData(7)]
    public void Epsilon_leads_to_the_bits_it_was_solved_for(double target)
    {
        float[] sizes = Sample.Numbers(4000, 12, 0.5f);
        float[][] rows = [.. sizes.Select(size => (float[])[0.6f + size, (0.6f + size) / 4, (0.6f + size) / 40, 0])];

        double epsilon = CounterfactualLabels.Solve(rows, Bits, target);

        Assert.InRange(CounterfactualLabels.MeanBits(rows, Bits, epsilon), target - 0.02, target);
        Assert.True(CounterfactualLabels.MeanBits(rows, Bits, epsilon - 1e-3) > target - 0.01);
    }
}
