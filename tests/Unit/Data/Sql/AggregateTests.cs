using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Unit.Data.Sql;

public sealed class AggregateTests
{
    [Fact]
    public void AListIsRead()
    {
        IReadOnlyList<Aggregate> list = Aggregate.Parse("count, mean(loss),max( a,b ),distinct(x (y))");

        Assert.Equal(["count", "mean(loss)", "max(a,b)", "distinct(x (y))"], list.Select(aggregate => aggregate.Name));
        Assert.Equal([null, "loss", "a,b", "x (y)"], list.Select(aggregate => aggregate.Column));
    }

    [Theory]
    [InlineData("average(x)", "aggregate 'average(x)': expected count, or one of count, distinct, sum, mean")]
    [InlineData("mean", "aggregate 'mean': of which column? Write mean(column)")]
    [InlineData("mean()", "aggregate 'mean()'")]
    [InlineData("", "aggregate ''")]
    [InlineData("count,", "aggregate ''")]
    public void WhatIsNoAggregateIsNamed(string list, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => Aggregate.Parse(list)).Message, StringComparison.Ordinal);
}
