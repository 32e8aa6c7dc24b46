using System.Diagnostics;
using System.Runtime.InteropServices;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>A process that runs pipeline commands over the fake stages.</summary>
internal static class Child
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The dotnet that runs this test: the runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION.</summary>
    public static string DotNet { get; } = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public static ChildProcess Start(DemoPipeline demo, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(environment, [.. arguments, "--pipeline", demo.YamlPath]);

    public static ChildProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(DotNet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "AdaptiveKv.FakePipeline.dll") },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // A tenth of what a short process takes.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return ChildProcess.Start(start);
    }

    /// <summary>Waits for the end of a process.</summary>
    public static (int Code, string Output, string Error) End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail($"the child did not end within {Patience}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error);
    }
}
