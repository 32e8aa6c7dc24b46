using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A Slurm cluster of two nodes on this machine, for as long as the tests of a class run.</summary>
public sealed class SlurmCluster : IDisposable
{
    private static readonly string Script = Path.Combine(SharedFiles.Repository, "eng/slurm/cluster.sh");

    // Short: Slurm's sockets are below it.
    private readonly string folder = Directory.CreateTempSubdirectory("sl").FullName;
    private bool isStarted;

    /// <summary>What leads Slurm's commands to it.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SLURM_CONF"] = Path.Combine(folder, "slurm.conf") };

    /// <summary>A line for each task of a job that has ended: Slurm's own record.</summary>
    public IReadOnlyList<string> Ended => File.Exists(Path.Combine(folder, "log/jobcomp.txt")) ? File.ReadAllLines(Path.Combine(folder, "log/jobcomp.txt")) : [];

    /// <summary>Starts it, unless it runs; skips the test, with the reason, where it cannot be.</summary>
    public void Require()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Slurm, which Windows does not have");
        if (!isStarted)
        {
            (int code, string _, string error) = Run("bash", Script, "start", folder);
            Assert.SkipWhen(code == 66, error.Trim());
            Assert.True(code == 0, error);
            isStarted = true;
        }
    }

    /// <summary>Kills the daemon of a node.</summary>
    public void Kill(string node) =>
        Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(folder, $"run/slurmd.{node}.pid")), System.Globalization.CultureInfo.InvariantCulture)).Kill();

    /// <summary>Starts the daemon of a node again.</summary>
    public void Restart(string node) => Assert.Equal(0, Run("bash", Script, "node", folder, node).Code);

    /// <summary>Tasks of jobs of a name that are in some state.</summary>
    public string[] Tasks(string name, string states) =>
        Run("squeue", "-h", "-r", "--name", name, "--states", states, "-o", "%A %K").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Does something while its jobs wait in the queue.</summary>
    public void WhileJobsWait(Action action)
    {
        void Set(string state) => Assert.Equal(0, Run("scontrol", "update", "PartitionName=low", $"State={state}").Code);
        Set("DOWN");
        try
        {
            action();
        }
        finally
        {
            Set("UP");
        }
    }

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
        if (isStarted)
        {
            Run("bash", Script, "stop", folder);
        }

        Directory.Delete(folder, recursive: true);
    }
}
