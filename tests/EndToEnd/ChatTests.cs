using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A conversation with the built program as a process.</summary>
public sealed class ChatTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task CtrlCEndsAnAnswerAndNotTheProgram()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends POSIX signals");
        using Process process = Akv.StartTalking("chat", "--model", SharedFiles.SmolLm, "--policy", "static-4+sinks1", "--max-tokens", "2000");
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteLineAsync("Count from one to one thousand in words, and leave out none.");
        char[] first = new char[1];
        Assert.Equal(1, await process.StandardOutput.ReadAsync(first, TestContext.Current.CancellationToken));
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Signals.RequireHeard(process, "INT");

        using (Process kill = Process.Start("kill", ["-s", "INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await process.StandardInput.WriteLineAsync("/reset\n/exit");
        Assert.True(process.WaitForExit(Patience), "did not end");

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("ended by Ctrl+C; cache: ", await error, StringComparison.Ordinal);
        Assert.EndsWith("\n", await output, StringComparison.Ordinal);
    }
}
