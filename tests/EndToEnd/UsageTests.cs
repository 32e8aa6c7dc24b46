namespace AdaptiveKv.EndToEnd;

public sealed class UsageTests
{
    [Theory]
    [InlineData("--help", "Commands:")]
    [InlineData("model --help", "info")]
    [InlineData("model info --help", "--json")]
    public void HelpIsPrinted(string arguments, string expected)
    {
        Outcome outcome = Akv.Run(arguments.Split(' '));

        Assert.Equal(0, outcome.Code);
        Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void AMistypedCommandGetsASuggestion() => Akv.Run("modle").IsRefused(2, "unknown command 'modle'", "did you mean 'model'");

    [Fact]
    public void TheDoctorFindsEverythingEssential()
    {
        Outcome outcome = Akv.Run("doctor");

        Assert.Equal(0, outcome.Code);
        Assert.EndsWith("everything essential is in place", outcome.Output.TrimEnd(), StringComparison.Ordinal);
    }
}
