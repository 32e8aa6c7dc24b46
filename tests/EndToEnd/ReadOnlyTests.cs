using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A pipeline where nothing can be written.</summary>
public sealed class ReadOnlyTests : IDisposable
{
    private readonly PipelineFolder folder = new();

    public void Dispose()
    {
        Change("u+w");
        folder.Dispose();
    }

    [Fact]
    public void WhatIsUpToDateStaysSoAndWhatIsNotIsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs POSIX modes");
        Outcome made = Akv.Run(["run", "calibrate", .. folder.Small()]);
        Assert.True(made.Code == 0, made.Error);
        Change("a-w");

        Outcome again = Run(["run", "calibrate", .. folder.Small()]);
        Assert.Equal((0, "nothing to do: calibrate is up to date\n"), (again.Code, again.Output));
        Assert.Equal(0, Run(["status", .. folder.Small()]).Code);
        Outcome changed = Run(["run", "calibrate", .. folder.Small("-S", "calibrate.tokens=512")]);
        Assert.Equal((74, ""), (changed.Code, changed.Output));
        Assert.Contains("error: ", changed.Error, StringComparison.Ordinal);
    }

    private void Change(string mode)
    {
        using Process process = Process.Start("chmod", ["-R", mode, folder.Root]);
        process.WaitForExit();
    }

    private static Outcome Run(params string[] arguments)
    {
        string[] words = [.. Unprivileged.Prefix, Akv.DotNet, Akv.Program, .. arguments];
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = ChildProcess.Start(start);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
