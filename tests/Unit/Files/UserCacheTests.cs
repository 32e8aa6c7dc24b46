using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Files;

public sealed class UserCacheTests
{
    private static readonly string Home = Path.GetTempPath();

    [Fact]
    public void TheVariableGoesBeforeTheHomeFolder()
    {
        string set = Path.Combine(Home, "need", "not", "exist");

        Assert.Equal(set, UserCache.Of(set, Home));
        Assert.Equal(OperatingSystem.IsWindows() ? Home : Path.Combine(Home, ".cache"), UserCache.Of("", Home));
    }

    [Theory]
    [InlineData(".cache", "/")]
    [InlineData("../x", "/")]
    [InlineData(null, "")]
    [InlineData(null, ".")]
    [InlineData("", "home")]
    [InlineData(null, "/nonexistent/home")]
    public void NothingDependsOnTheCurrentFolder(string? set, string home)
    {
        string message = Assert.Throws<FormatException>(() => UserCache.Of(set, home)).Message;

        Assert.Contains("XDG_CACHE_HOME", message, StringComparison.Ordinal);
    }
}
