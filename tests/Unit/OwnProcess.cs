using System.Diagnostics;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Pipeline.Execution;

namespace AdaptiveKv.Unit;

/// <summary>
/// A test in a process of its own: how much memory a process takes depends on what ran in it before, because the garbage collector
/// lets garbage lie the longer, the more it has seen.
/// </summary>
internal static class OwnProcess
{
    private const string Mark = "AKV_OWN_PROCESS";

    /// <summary>Runs the test that calls this once more, alone, where this process runs others, too; there it runs the act.</summary>
    /// <param name="act">What the test does.</param>
    /// <param name="output">Where to that process's output goes.</param>
    public static void Run(Action act, ITestOutputHelper output)
    {
        string id = TestContext.Current.TestCase!.UniqueID;
        if (Environment.GetEnvironmentVariable(Mark) == id)
        {
            act();
            return;
        }

        ProcessStartInfo start = new(Child.DotNet, [typeof(OwnProcess).Assembly.Location, "-noLogo", "-noColor", "-noAutoReporters", "-showLiveOutput", "-id", id])
        {
            RedirectStandardOutput = true,
            Environment = { [Mark] = id },
        };
        using ChildProcess child = ChildProcess.Start(start);
        string text = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        output.WriteLine(text);
        Assert.Equal(0, child.ExitCode);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", text);
    }
}
