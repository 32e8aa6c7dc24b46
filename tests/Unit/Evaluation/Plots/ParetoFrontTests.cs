using AdaptiveKv.Evaluation.Plots;

namespace AdaptiveKv.Unit.Evaluation.Plots;

public sealed class ParetoFrontTests
{
    private static readonly PlotPoint[] Points = [new(4, 40), new(2, 27), new(3, 42), new(3, 39), new(16, 42), new(8, 43)];

    [Fact]
    public void More_is_better() => Assert.Equal([(2, 27), (3, 42), (8, 43)], ParetoFront.Of(Points, moreIsBetter: true).Select(point => (point.X, point.Y)));

    [Fact]
    public void Less_is_better() => Assert.Equal([(2, 27)], ParetoFront.Of(Points, moreIsBetter: false).Select(point => (point.X, point.Y)));
}
