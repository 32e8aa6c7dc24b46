namespace AdaptiveKv.EndToEnd;

/// <summary>How a run of the command line ended.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>Asserts the exit code, one error line that holds all the words, and no data.</summary>
    public void IsRefused(int code, params string[] words)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}: {Error}");
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.Empty(Output);
    }
}
