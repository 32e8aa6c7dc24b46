using AdaptiveKv.Cli.Data;

namespace AdaptiveKv.Unit.Cli.Data;

public sealed class ValueTextTests
{
    public static TheoryData<object?, string> Cases => new()
    {
        { null, "null" },
        { true, "true" },
        { -7, "-7" },
        { long.MaxValue, "9223372036854775807" },
        { 0.1f, "0.1" },
        { 1234567.5, "1.23457E+06" },
        { 123456789.0, "123456789" },
        { 1e20, "1E+20" },
        { double.NaN, "NaN" },
        { "two\nlines\tand \u001b[31m", "two\\nlines\\tand \\u001b[31m" },
        { new string('x', 70), new string('x', 57) + "..." },
        { Array.Empty<float>(), "[]" },
        { new[] { 1f, 0.25f }, "[1, 0.25]" },
        { new float[9], "[0, 0, 0, 0, 0, 0, ... 9]" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void AValueIsShortAndOnOneLine(object? value, string text) => Assert.Equal(text, ValueText.Of(value));
}
