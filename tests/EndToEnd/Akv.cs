using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AdaptiveKv.EndToEnd;

/// <summary>Runs the built command line as a process of its own, as a user's shell does.</summary>
internal static class Akv
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>akv</c> with the arguments and waits for its end.</summary>
    public static Outcome Run(params string[] arguments) => End(Start(arguments), arguments);

    /// <summary>The same, as on a processor without AVX2.</summary>
    public static Outcome RunWithoutAvx2(params string[] arguments) => End(Start(arguments, ("DOTNET_EnableAVX2", "0")), arguments);

    /// <summary>Starts <c>akv</c> with both streams redirected.</summary>
    public static Process Start(params string[] arguments) => Start(arguments, []);

    private static Outcome End(Process started, string[] arguments)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"akv {string.Join(' ', arguments)} did not end within {Patience}");
        }

        return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(DotNet())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(Tests.SharedFiles.Repository, ".build", "bin", "Cli", "release", "akv.dll") },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // The dotnet that runs this test: the runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION.
    private static string DotNet() => Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
