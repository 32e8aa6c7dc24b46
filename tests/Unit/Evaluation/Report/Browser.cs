using System.Diagnostics;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Report;

/// <summary>A real browser without a window: Chromium or Chrome, where one is installed.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly TemporaryFolder profile = new();

    /// <summary>The program; null where there is none.</summary>
    public static string? Location { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a page.</summary>
    /// <returns>Output, and what the browser logged: the page's console messages and every request it made.</returns>
    public (string Output, string Log) Open(string page, params string[] arguments)
    {
        ProcessStartInfo start = new(Location!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // In a container there is neither a sandbox for its root user nor a large /dev/shm.
        string[] common =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", $"--user-data-dir={profile.Path}",
            "--enable-logging=stderr", "--virtual-time-budget=2000", $"--log-net-log={NetLog}",
        ];
        foreach (string argument in (string[])[.. common, .. arguments, new Uri(page).AbsoluteUri])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = ChildProcess.Start(start);
        Task<string> log = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the browser did not end within {Patience}");
        }

        return (output.GetAwaiter().GetResult(), log.GetAwaiter().GetResult());
    }

    /// <summary>The browser's own record of its network.</summary>
    public string NetLog => profile["net.json"];

    public void Dispose() => profile.Dispose();
}
