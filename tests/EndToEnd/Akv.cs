using System.Diagnostics;
using System.Runtime.InteropServices;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Runs the built command line as a process of its own, as a user's shell does.</summary>
internal static class Akv
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>The program that was built.</summary>
    public static string Program { get; } = Path.Combine(Tests.SharedFiles.Repository, ".build", "bin", "Cli", "release", "akv.dll");

    /// <summary>The dotnet that runs this test: the runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION.</summary>
    public static string DotNet { get; } = Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Runs <c>akv</c> with the arguments and waits for its end.</summary>
    public static Outcome Run(params string[] arguments) => RunWith(Nothing, arguments);

    /// <summary>The same with more variables in its environment.</summary>
    public static Outcome RunWith(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Start(environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"akv {string.Join(' ', arguments)} did not end within {Patience}");
        }

        return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>
    /// Runs <c>akv</c> in this process, where everything is compiled already: for what a test needs before, and for results that are none of a process.
    /// A process of its own takes seconds to come as far.
    /// </summary>
    public static Outcome RunHere(params string[] arguments)
    {
        StringWriter output = new(), error = new();
        int code = CommandLine.Run(arguments, new Terminal { Output = output, Error = error, Time = TimeProvider.System });
        return new Outcome(code, output.ToString(), error.ToString());
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
    public static ChildProcess Start(params string[] arguments) => Start(Nothing, arguments);

    /// <summary>The same with more variables in its environment.</summary>
    public static ChildProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => Start(environment, arguments, talks: false);

    /// <summary>Starts <c>akv</c> with its input redirected, too.</summary>
    public static ChildProcess StartTalking(params string[] arguments) => Start(Nothing, arguments, talks: true);

    private static ChildProcess Start(IReadOnlyDictionary<string, string> environment, string[] arguments, bool talks)
    {
        ProcessStartInfo start = new(DotNet)
        {
            RedirectStandardInput = talks,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Program },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Several tests run beside each other: teams of threads that wait for each other on too few processors take half as much time again.
        start.Environment.TryAdd("DOTNET_PROCESSOR_COUNT", "1");

        // A tenth of what a short process takes.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return ChildProcess.Start(start);
    }
}
