using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A signal ends long work within two seconds, with a code that says which signal it was.</summary>
public sealed class InterruptionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 75)]
    [InlineData("HUP", 75)]
    public async Task ASignalEndsTheWork(string signal, int code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends POSIX signals");
        using Process process = Akv.Start("evaluate", "--model", SharedFiles.MicroModel, "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--mode", "decode");
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        // The line that the model is being loaded; the signal handlers are in place then.
        Assert.NotNull(process.StandardError.ReadLine());
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        Signals.RequireHeard(process, signal);
        long start = Stopwatch.GetTimestamp();
        using (Process kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        bool ended = process.WaitForExit(Patience);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        Assert.True(ended, "did not end");
        Assert.Equal(code, process.ExitCode);
        Assert.True(taken < TimeSpan.FromSeconds(4), $"took {taken}; 2 s are promised, the rest is for a busy machine");
        Assert.EndsWith(code == 130 ? "error: cancelled\n" : "error: interrupted; run the same command again\n", await error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", await output + await error, StringComparison.Ordinal);
    }
}
