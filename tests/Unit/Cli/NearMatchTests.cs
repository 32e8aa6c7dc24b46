using AdaptiveKv.Cli;

namespace AdaptiveKv.Unit.Cli;

public sealed class NearMatchTests
{
    private static readonly string[] Words = ["run", "model", "doctor", "generate", "evaluate", "static-4", "static-16"];

    [Theory]
    [InlineData("docter", "doctor")]
    [InlineData("dcotor", "doctor")]
    [InlineData("MODEL", "model")]
    [InlineData("generat", "generate")]
    [InlineData("evalute", "evaluate")]
    [InlineData("static-5", "static-4")]
    [InlineData("rn", "run")]
    public void FindsTheWordThatWasMeant(string typed, string meant) => Assert.Equal(meant, NearMatch.Find(typed, Words));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("kubernetes")]
    public void StaysSilentWhereNothingIsNear(string typed) => Assert.Null(NearMatch.Find(typed, Words));
}
