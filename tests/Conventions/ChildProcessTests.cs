using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>What a test starts ends with it, also where the test fails or skips itself.</summary>
public sealed partial class ChildProcessTests
{
    private const string Home = "tests/Shared/ChildProcess.cs";

    [Fact]
    public void TestsStartProgramsAsTheirChildren() =>
        Rule.Holds(SourceTree.ProductIn("tests/").Where(file => file.Path is not (Home or "tests/Conventions/ChildProcessTests.cs")).FindInCode(Unguarded()));

    // Programs of the system that end by themselves (kill, chmod, ln) are given their words at once.
    [GeneratedRegex(@"(?<!Child)\bProcess\.Start\((?!"")|new Process\b")]
    private static partial Regex Unguarded();
}
