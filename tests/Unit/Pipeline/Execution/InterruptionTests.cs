using System.Diagnostics;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>Ctrl+C and a scheduler's SIGTERM: what is whole stays, the process ends in time, and the next run goes on.</summary>
public sealed class InterruptionTests
{
    [Theory]
    [InlineData("INT", 130, "cancelled")]
    [InlineData("TERM", 75, "interrupted; run the same command again")]
    public void ASignalEndsTheRunWithinTwoSeconds(string signal, int expected, string message)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs POSIX signals");
        using DemoPipeline demo = new();
        using DemoPipeline whole = new();
        using Process child = Child.Start(demo, new Dictionary<string, string>(), "run", "-S", "collect.delay_ms=100");
        string progress = demo["artifacts/demo/collect/rows/.progress.json"];
        Assert.True(SpinWait.SpinUntil(() => File.Exists(progress), TimeSpan.FromMinutes(1)), "no segment was committed");

        Signals.RequireHeard(child, signal);
        long start = Stopwatch.GetTimestamp();
        Process.Start("kill", [$"-{signal}", $"{child.Id}"]).WaitForExit();
        (int code, string output, string error) = Child.End(child);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

        Assert.Equal(expected, code);
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.EndsWith($"error: {message}\n", error, StringComparison.Ordinal);
        Assert.Empty(output);
        int committed = Manifest.Read(progress).Entries.Count;
        Assert.Empty(Directory.GetFiles(demo["artifacts"], ".tmp*", SearchOption.AllDirectories));

        string reason = demo.Reasons("collect.delay_ms=100").First();
        Assert.StartsWith($"collect: it has not run yet; {committed} segment", reason, StringComparison.Ordinal);
        demo.Run("collect.delay_ms=100");
        whole.Run("collect.delay_ms=100");
        Assert.Equal(whole.Tree(), demo.Tree());
    }

    [Theory]
    [InlineData("INT", 130, "cancelled")]
    [InlineData("TERM", 75, "interrupted; run the same command again")]
    [InlineData("HUP", 75, "interrupted; run the same command again")]
    public void WorkThatDoesNotListenIsLeftInTimeAndInWords(string signal, int expected, string message)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs POSIX signals");
        using DemoPipeline demo = new();
        using Process child = Child.Start(demo, new Dictionary<string, string>(), "run", "-S", "collect.deaf_ms=20000");
        Assert.True(SpinWait.SpinUntil(() => Directory.Exists(demo["artifacts/demo/collect/rows"]), TimeSpan.FromMinutes(1)), "no row was begun");
        Signals.RequireHeard(child, signal);

        long start = Stopwatch.GetTimestamp();
        Process.Start("kill", [$"-{signal}", $"{child.Id}"]).WaitForExit();
        (int code, string output, string error) = Child.End(child);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

        Assert.Equal(expected, code);
        Assert.EndsWith($"error: {message}\n", error, StringComparison.Ordinal);
        Assert.Empty(output);
        Assert.True(elapsed < TimeSpan.FromSeconds(4), $"took {elapsed}; 2 s are promised, the rest is for a busy machine");
    }

    [Fact]
    public void AKilledRunIsNamedByTheNextCommand()
    {
        using DemoPipeline demo = new();
        using Process child = Child.Start(demo, new Dictionary<string, string>(), "run", "-S", "collect.delay_ms=100");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(demo["artifacts/demo/collect/rows/.progress.json"]), TimeSpan.FromMinutes(1)), "no segment was committed");
        Assert.Contains(demo.Status(), state => state.RunningBy == $"process {child.Id} on {Environment.MachineName}");

        child.Kill();
        child.WaitForExit();

        Assert.Contains($"its last run was killed (process {child.Id} on {Environment.MachineName})", demo.Reasons().First(), StringComparison.Ordinal);
    }
}
