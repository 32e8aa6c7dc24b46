using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class McNemarTests
{
    /// <summary>By hand: 2 (1 + 12 + 66) / 4096 and 2 / 32; the others from exact rational arithmetic.</summary>
    [Theory]
    [InlineData(10, 2, 0.03857421875)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(1, 0, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(7, 7, 1)]
    [InlineData(121, 59, 4.434449263755176e-06)]
    [InlineData(400, 340, 0.03002278740787739)]
    [InlineData(5000, 4800, 0.04440414879984629)]
    public void The_p_value_is_exact(int gained, int lost, double expected)
    {
        Assert.Equal(expected, McNemar.ExactPValue(gained, lost), expected * 1e-9);
        Assert.Equal(expected, McNemar.ExactPValue(lost, gained), expected * 1e-9);
    }
}
