namespace AdaptiveKv.Conventions;

/// <summary>A rule over the source holds when nothing breaks it.</summary>
internal static class Rule
{
    /// <summary>Fails with every offence in full, one a line.</summary>
    public static void Holds(IEnumerable<string> offences)
    {
        string[] found = [.. offences];
        Assert.True(found.Length == 0, $"{found.Length} against the rule:\n{string.Join('\n', found)}");
    }
}
