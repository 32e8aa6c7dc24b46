using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Files;

/// <summary>The processes that tests start.</summary>
public sealed class ChildProcessTests
{
    [Fact]
    public void ATestThatEndsEarlyLeavesNoProcessBehind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "starts sleep");
        int id;
        using (Process child = ChildProcess.Start(new ProcessStartInfo("sleep", "100")))
        {
            id = child.Id;
        }

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }
}
