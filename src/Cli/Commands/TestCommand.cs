using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv test</c>: belongs to the launcher, which builds the test projects and runs them; here it is described.</summary>
internal static class TestCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> words = new("project... filter...")
        {
            Description = """
                Test projects (Conventions, EndToEnd, Unit; all if none is named), then the test runner's own filters, each for all of them:
                -class '*GgufReader*', -method '*Refused*', -trait Category=Kernels, with a minus to leave out (-trait- ...); -showLiveOutput.
                AKV_SHARED names the folder of large test files, AKV_SLOW=1 adds what takes minutes. The last line is 'N passed, N failed, N skipped';
                the exit code is 0 if none failed, 1 if one did, 2 if no test matched
                """,
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = new("test", "Build everything and run the tests: akv test [project...] [filter...]") { words };
        command.SetAction((Func<ParseResult, int>)(_ => throw new FormatException("tests are run by the launcher in the repository: ./akv test (Windows: ./akv.ps1 test)")));
        return command;
    }
}
