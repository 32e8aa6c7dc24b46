using System.Diagnostics;

namespace AdaptiveKv.Cli;

/// <summary>Runs src/Export, a program of its own: ONNX Runtime takes 160 MB to fetch and 400 on disk, and sends telemetry unless the environment that its process starts in forbids it.</summary>
internal static class Exporter
{
    // Set by the launcher, which builds the program.
    private const string Variable = "AKV_EXPORT";

    /// <summary>A controller's ONNX as a model.zip of ML.NET.</summary>
    /// <exception cref="FormatException">The launcher did not start this process.</exception>
    /// <exception cref="IOException">The program failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static byte[] ToMlNet(byte[] network, CancellationToken cancellation)
    {
        string program = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path
            ? path
            : throw new FormatException("a model.zip is made by a program that the launcher builds: ./akv export (Windows: ./akv.ps1 export)");
        using Process process = Start(program);
        using CancellationTokenRegistration stop = cancellation.Register(() => process.Kill());
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using MemoryStream made = new();
        Task<bool> given = Give(process.StandardInput.BaseStream, network);
        process.StandardOutput.BaseStream.CopyTo(made);
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        string[] lines = error.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return process.ExitCode == 0 && given.GetAwaiter().GetResult()
            ? made.ToArray()
            : throw new IOException($"{program}: ended with code {process.ExitCode}{(lines.Length > 0 ? $": {lines[0]}" : string.Empty)}: delete .build and run the same command again");
    }

    private static Process Start(string program)
    {
        return Process.Start(new ProcessStartInfo(Path.Combine(Repository.Dotnet, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"))
        {
            ArgumentList = { program },
            Environment = { ["ORT_DISABLE_TELEMETRY"] = "1" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    // Whether all of it was taken; a program that ends early says why itself.
    private static async Task<bool> Give(Stream input, byte[] content)
    {
        try
        {
            await using (input.ConfigureAwait(false))
            {
                await input.WriteAsync(content).ConfigureAwait(false);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
