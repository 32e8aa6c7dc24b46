using System.ComponentModel;
using System.Diagnostics;

namespace AdaptiveKv.Cli.Workers;

/// <summary>Slurm's own commands: jobs are known by their name alone, so that whoever died meanwhile finds them again.</summary>
/// <exception cref="ArgumentException">This machine has none of them.</exception>
internal static class SlurmQueue
{
    /// <summary>The numbers of a name's jobs that wait or run.</summary>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    public static IReadOnlyList<string> Jobs(string name) =>
        [.. Run("squeue", ["--noheader", "--me", "--name", name, "--format", "%F"]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];

    /// <summary>Submits a command as a job, under srun: without it, the signal that comes before the end never arrives.</summary>
    /// <param name="name">Of the job.</param>
    /// <param name="log">The file that its messages go to.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="again">Whether a cluster that begins jobs again by their exit code may do so.</param>
    /// <param name="options">Of sbatch.</param>
    /// <returns>The job's number.</returns>
    /// <exception cref="IOException">Slurm refuses it, or does not answer.</exception>
    public static string Submit(string name, string log, IEnumerable<string> command, bool again, IEnumerable<string> options)
    {
        string script = $"""
            #!/bin/sh
            export DOTNET_PROCESSOR_COUNT="$(printf %X "$SLURM_CPUS_ON_NODE")"
            srun --ntasks=1 {string.Join(' ', command.Select(Quoted))}{(again ? string.Empty : " || exit 1")}

            """;
        return Run("sbatch", ["--parsable", "--job-name", name, "--output", log, "--open-mode", "append", .. options], script).Trim().Split(';')[0];
    }

    /// <summary>Ends all jobs of some names.</summary>
    public static void Cancel(params IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            Run("scancel", ["--me", "--name", name]);
        }
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Run(string program, IEnumerable<string> words, string input = "")
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new IOException($"{program}: {error.GetAwaiter().GetResult().Trim().ReplaceLineEndings("; ")}");
        }
        catch (Win32Exception exception)
        {
            throw new ArgumentException($"--on slurm: {program} cannot be started here ({exception.Message}): run it on a machine that submits to a Slurm cluster", exception);
        }
    }
}
