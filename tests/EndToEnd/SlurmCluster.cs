using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A Slurm cluster of two nodes on this machine, for as long as a test runs.</summary>
internal sealed class SlurmCluster : IDisposable
{
    private static readonly string Script = Path.Combine(SharedFiles.Repository, "eng/slurm/cluster.sh");

    // Short: Slurm's sockets are below it.
    private readonly string folder = Directory.CreateTempSubdirectory("sl").FullName;

    /// <summary>Starts it; skips the test, with the reason, where it cannot be.</summary>
    public SlurmCluster()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Slurm, which Windows does not have");
        (int code, string _, string error) = Run("bash", Script, "start", folder);
        Assert.SkipWhen(code == 66, error.Trim());
        Assert.True(code == 0, error);
    }

    /// <summary>What leads Slurm's commands to it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SLURM_CONF"] = Path.Combine(folder, "slurm.conf") };

    /// <summary>A line for each task of a job that has ended: Slurm's own record.</summary>
    public IReadOnlyList<string> Ended => File.Exists(Path.Combine(folder, "log/jobcomp.txt")) ? File.ReadAllLines(Path.Combine(folder, "log/jobcomp.txt")) : [];

    /// <summary>The process number of the daemon of a node.</summary>
    public int Daemon(string node) => int.Parse(File.ReadAllText(Path.Combine(folder, $"run/slurmd.{node}.pid")), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs a command of Slurm, or any other, against it.</summary>
    public (int Code, string Output, string Error) Run(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = Path.Combine(folder, "slurm.conf");
        using Process process = ChildProcess.Start(start);

        // To its end, not to that of the daemons, which inherit the pipe.
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        process.WaitForExit();
        string Text(Task<string> stream) => stream.Wait(TimeSpan.FromSeconds(1)) ? stream.Result : string.Empty;
        return (process.ExitCode, Text(output), Text(error));
    }

    public void Dispose()
    {
        Run("bash", Script, "stop", folder);
        Directory.Delete(folder, recursive: true);
    }
}
