using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

/// <summary>As in the tables of Student's t printed since Fisher (1925).</summary>
public sealed class StudentTests
{
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(9, 2.262)]
    [InlineData(30, 2.042)]
    [InlineData(120, 1.980)]
    [InlineData(100_000, 1.960)]
    public void The_reach_is_that_of_the_tables(int degrees, double reach) => Assert.Equal(reach, Student.Reach95(degrees), 3);
}
