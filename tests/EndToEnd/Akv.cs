using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AdaptiveKv.EndToEnd;

/// <summary>Runs the built command line as a process of its own, as a user's shell does.</summary>
internal static class Akv
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>akv</c> with the arguments and waits for its end.</summary>
    public static Outcome Run(params string[] arguments) => RunWith(null, arguments);

    /// <summary>The same with a variable in its environment.</summary>
    public static Outcome RunWith((string Name, string Value)? variable, params string[] arguments)
    {
        using Process process = Start(variable, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"akv {string.Join(' ', arguments)} did not end within {Patience}");
        }

        return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts <c>akv</c> and kills it as soon as something is the case; it may end before that.</summary>
    public static void Kill(string[] arguments, Func<bool> when)
    {
        using Process process = Start(arguments);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Assert.True(SpinWait.SpinUntil(() => process.HasExited || when(), Patience), $"akv {string.Join(' ', arguments)} came to nothing within {Patience}");
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    /// <summary>Starts <c>akv</c> with both streams redirected.</summary>
    public static Process Start(params string[] arguments) => Start(null, arguments);

    private static Process Start((string Name, string Value)? variable, string[] arguments)
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

        if (variable is { } set)
        {
            start.Environment[set.Name] = set.Value;
        }

        return Process.Start(start)!;
    }

    // The dotnet that runs this test: the runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION.
    private static string DotNet() => Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
