using AdaptiveKv.Inference;

namespace AdaptiveKv.Unit.Inference;

public sealed class StopTextTests
{
    [Theory]
    [InlineData("one two three", "one two three")]
    [InlineData("one STOP two", "one ")]
    [InlineData("one ST two", "one ST two")]
    [InlineData("one SSTOP", "one S")]
    [InlineData("one STO", "one STO")]
    [InlineData("one\n\nSTOP", "one")]
    [InlineData("STOP", "")]
    [InlineData("", "")]
    public void TheTextEndsBeforeTheFirstStopHoweverItIsCut(string text, string shown)
    {
        for (int size = 1; size <= Math.Max(1, text.Length); size++)
        {
            StopText stop = new(["STOP", "\n\n"]);
            string output = string.Concat(text.Chunk(size).Select(chunk => stop.Append(chunk))) + stop.Flush();

            Assert.Equal(shown, output);
            Assert.Equal(shown != text, stop.Met);
        }
    }

    [Fact]
    public void WhatCannotBeAStopComesOutAtOnce()
    {
        StopText stop = new(["STOP"]);

        Assert.Equal("one ", stop.Append("one ST"));
        Assert.Equal("STAY", stop.Append("AY"));
    }

    [Fact]
    public void WithoutStopsEverythingComesOutAtOnce() => Assert.Equal("text", new StopText([]).Append("text"));
}
