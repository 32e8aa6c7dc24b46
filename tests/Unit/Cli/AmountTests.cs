using AdaptiveKv.Cli;

namespace AdaptiveKv.Unit.Cli;

public sealed class AmountTests
{
    [Theory]
    [InlineData(0, "items", "0 items")]
    [InlineData(45.25, "items", "45.3 items")]
    [InlineData(12345, "items", "12,345 items")]
    [InlineData(999, Amount.Bytes, "999 B")]
    [InlineData(1_500_000, Amount.Bytes, "1.5 MB")]
    [InlineData(3.2e15, Amount.Bytes, "3200.0 TB")]
    public void IsShortAndHasItsUnit(double value, string unit, string text) => Assert.Equal(text, Amount.Text(value, unit));

    [Theory]
    [InlineData("40MB", 40_000_000)]
    [InlineData("512KiB", 524_288)]
    [InlineData("1.5 gb", 1_500_000_000)]
    [InlineData("2mib", 2_097_152)]
    [InlineData("100B", 100)]
    [InlineData("3kB", 3000)]
    public void SizesAreRead(string text, long bytes)
    {
        Assert.True(Amount.TryParseBytes(text, out long read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("40")]
    [InlineData("40M")]
    [InlineData("MB")]
    [InlineData("-1MB")]
    [InlineData("1e3MB")]
    [InlineData("99999999999999TB")]
    [InlineData("")]
    public void NoSizeIsGuessed(string text) => Assert.False(Amount.TryParseBytes(text, out _));

    [Theory]
    [InlineData(7, "0:07")]
    [InlineData(750, "12:30")]
    [InlineData(90_061, "25:01:01")]
    public void TimesReadAsOnAClock(int seconds, string text) => Assert.Equal(text, Amount.Text(TimeSpan.FromSeconds(seconds)));
}
