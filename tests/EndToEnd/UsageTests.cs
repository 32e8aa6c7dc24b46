namespace AdaptiveKv.EndToEnd;

public sealed class UsageTests
{
    [Theory]
    [InlineData("--help", "Pipelines:")]
    [InlineData("help", "test ")]
    [InlineData("model --help", "info")]
    [InlineData("help model", "info")]
    [InlineData("test --help", "-class")]
    [InlineData("model info --help", "--json")]
    public void HelpIsPrinted(string arguments, string expected)
    {
        Outcome outcome = Akv.Run(arguments.Split(' '));

        Assert.Equal(0, outcome.Code);
        Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public void AMistypedCommandGetsASuggestion() => Assert.All(
        (string[][])[["modle"], ["modle", "--help"], ["help", "modle"]],
        arguments => Akv.Run(arguments).IsRefused(2, "unknown command 'modle'", "did you mean 'model'"));

    [Fact]
    public void WithoutACommandThereIsHelpButNoData()
    {
        Outcome outcome = Akv.Run();

        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains("Pipelines:", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TestsBelongToTheLauncher() => Akv.Run("test", "Unit").IsRefused(2, "./akv test");

    [Fact]
    public void TheDoctorFindsEverythingEssential()
    {
        Outcome outcome = Akv.Run("doctor");

        Assert.Equal(0, outcome.Code);
        Assert.EndsWith("everything essential is in place", outcome.Output.TrimEnd(), StringComparison.Ordinal);
    }
}
