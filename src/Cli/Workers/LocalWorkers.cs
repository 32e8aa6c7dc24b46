using System.Diagnostics;
using System.Globalization;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Pipeline.Shards;

namespace AdaptiveKv.Cli.Workers;

/// <summary>Runs the shards of a plan in processes of this machine, some at a time, and merges them.</summary>
/// <param name="count">How many at a time.</param>
/// <param name="terminal">Shows how far they are.</param>
internal sealed class LocalWorkers(int count, Terminal terminal) : IDisposable
{
    private const int Attempts = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<int, (Process Process, Task<string> Error)> running = [];
    private readonly Dictionary<int, int> failures = [];

    /// <summary>Runs what is missing, and merges.</summary>
    /// <exception cref="WorkerException">A process failed for good, or too often.</exception>
    /// <exception cref="OperationCanceledException">The user does not want it any more; what is done stays.</exception>
    public void Run(ShardPlan plan, ShardWork work)
    {
        Queue<int> waiting = new(work.Missing());
        ProgressBar.Run(terminal, $"running {plan.Shards} shards of {plan.Stage} in {count} processes", work.Total, "segments", progress =>
        {
            while (waiting.Count + running.Count > 0)
            {
                while (running.Count < count && waiting.TryDequeue(out int shard))
                {
                    running.Add(shard, Start(plan, shard));
                }

                terminal.Cancellation.WaitHandle.WaitOne(Pause);
                terminal.Cancellation.ThrowIfCancellationRequested();
                foreach ((int shard, (Process process, Task<string> error)) in running.Where(worker => worker.Value.Process.HasExited).ToArray())
                {
                    running.Remove(shard);
                    if (process.ExitCode != ExitCode.Done)
                    {
                        Retry(shard, process.ExitCode, error.GetAwaiter().GetResult());
                        waiting.Enqueue(shard);
                    }

                    process.Dispose();
                    progress.Report(work.Done);
                }
            }

            return true;
        }, work.Done);
        work.Merge(terminal.Cancellation);
    }

    /// <summary>Ends what still runs: whole segments are kept.</summary>
    public void Dispose()
    {
        foreach ((Process process, _) in running.Values)
        {
            process.Kill();
            process.Dispose();
        }
    }

    private (Process Process, Task<string> Error) Start(ShardPlan plan, int shard)
    {
        (string program, string[] words) = OwnProgram.With(["shard", "run", "--plan", plan.Path, "--index", shard.ToString(CultureInfo.InvariantCulture)]);
        ProcessStartInfo start = new(program, words) { RedirectStandardError = true };
        start.Environment["DOTNET_PROCESSOR_COUNT"] = Math.Max(Processors.Logical / count, 1).ToString("X", CultureInfo.InvariantCulture);
        Process process = Process.Start(start)!;
        return (process, process.StandardError.ReadToEndAsync());
    }

    // Killed, asked to end, or out of disk for a moment: worth another try. A worker that has no shard twice in its life fails as it did.
    private void Retry(int shard, int code, string error)
    {
        int times = failures[shard] = failures.GetValueOrDefault(shard) + 1;
        string last = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"its process ended with code {code}";
        string line = $"shard {shard}: {(last.StartsWith("error: ", StringComparison.Ordinal) ? last["error: ".Length..] : last)}";
        bool isPassing = code is ExitCode.Interrupted or ExitCode.InputOutput or > 128;
        if (!isPassing || times == Attempts)
        {
            throw new WorkerException(code > 128 ? ExitCode.Interrupted : code, line);
        }

        terminal.Note($"{line}; trying again");
    }
}
