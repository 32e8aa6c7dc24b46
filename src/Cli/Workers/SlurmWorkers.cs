using AdaptiveKv.Pipeline.Shards;

namespace AdaptiveKv.Cli.Workers;

/// <summary>
/// Runs the shards of a plan as a Slurm job array, with a job that merges them when it has ended, and follows both. What there is to do is told by the queue and by what
/// shards have written, never by what this process remembers: it can be killed at any instant, and the next one goes on.
/// </summary>
/// <param name="submission">Options of sbatch for every job.</param>
/// <param name="terminal">Shows how far they are.</param>
internal sealed class SlurmWorkers(IReadOnlyList<string> submission, Terminal terminal)
{
    private const int Patience = 10;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private int failures;

    /// <summary>Has the shards run that are missing, and merged.</summary>
    /// <exception cref="WorkerException">Jobs ended, and nothing was done.</exception>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    /// <exception cref="OperationCanceledException">The user cancels the jobs, too (Ctrl+C), or only stops to follow them.</exception>
    public void Run(ShardPlan plan, ShardWork work)
    {
        string array = $"akv-{plan.Id}", merge = $"{array}-merge";
        try
        {
            ProgressBar.Run(terminal, $"running {plan.Shards} shards of {plan.Stage} on Slurm", work.Total, "segments", progress => Follow(plan, work, array, merge, progress), work.Done);
        }
        catch (OperationCanceledException) when (terminal.CancelledCode() == ExitCode.Cancelled)
        {
            SlurmQueue.Cancel(array, merge);
            throw;
        }
        catch (OperationCanceledException)
        {
            terminal.Note($"{plan.Stage}: the jobs {array} go on; the same command follows them again");
            throw;
        }
    }

    private bool Follow(ShardPlan plan, ShardWork work, string array, string merge, IProgress<long> progress)
    {
        string logs = Path.Combine(plan.Folder, "logs");
        int before = -1;
        bool hasMerged = false;
        TimeSpan pause = Shortest;
        for (; ; pause = pause * 1.2 < Longest ? pause * 1.2 : Longest)
        {
            // The queue first: a merge that is in it no more has removed the plan, or failed.
            (IReadOnlyList<string> Shards, IReadOnlyList<string> Merges)? jobs = Jobs(array, merge);
            if (!File.Exists(plan.Path))
            {
                progress.Report(work.Total);
                return true;
            }

            progress.Report(work.Done);
            if (jobs is { Shards: var running, Merges.Count: 0 })
            {
                if (running.Count == 0 && work.Missing() is { Count: > 0 } missing)
                {
                    before = work.Done > before ? work.Done : throw Failure(plan, missing[0], Path.Combine(logs, $"{missing[0]}.log"));
                    Directory.CreateDirectory(logs);
                    string job = SlurmQueue.Submit(array, Path.Combine(logs, "%a.log"), Own("run", plan), again: true, ["--requeue", "--array", ShardList.Text(missing), .. submission]);
                    terminal.Note($"{plan.Stage}: job {job} runs {missing.Count} of {plan.Shards} shards; its messages are in {logs}");
                    running = [job];
                }

                if (running.Count == 0 && hasMerged)
                {
                    throw Failure(plan, null, Path.Combine(logs, "merge.log"));
                }

                hasMerged = running.Count == 0;
                Directory.CreateDirectory(logs);
                // afterok would never start it once a task has been requeued; the merge itself looks whether all is there, and need not be tried again if not.
                SlurmQueue.Submit(
                    merge, Path.Combine(logs, "merge.log"), Own("merge", plan), again: false, [.. running.Count > 0 ? ["--dependency", $"afterany:{string.Join(':', running)}"] : Array.Empty<string>(), .. submission]);
                pause = Shortest;
            }

            terminal.Cancellation.WaitHandle.WaitOne(pause);
            terminal.Cancellation.ThrowIfCancellationRequested();
        }
    }

    // A controller that starts again does not answer for a while.
    private (IReadOnlyList<string> Shards, IReadOnlyList<string> Merges)? Jobs(string array, string merge)
    {
        try
        {
            (IReadOnlyList<string>, IReadOnlyList<string>) jobs = (SlurmQueue.Jobs(array), SlurmQueue.Jobs(merge));
            failures = 0;
            return jobs;
        }
        catch (IOException exception) when (++failures < Patience)
        {
            terminal.Note($"{exception.Message}; trying again");
            return null;
        }
    }

    private static string[] Own(string verb, ShardPlan plan)
    {
        (string program, string[] words) = OwnProgram.With(["shard", verb, "--plan", plan.Path]);
        return [program, .. words];
    }

    private static WorkerException Failure(ShardPlan plan, int? shard, string log)
    {
        string last = File.Exists(log) ? File.ReadLines(log).LastOrDefault(line => line.Length > 0) ?? "no message" : "no message";
        return new WorkerException(ExitCode.Interrupted, $"{plan.Stage}: {(shard is { } number ? $"shard {number}" : "the merge")} was not done by its job: {last} ({log}): run the same command again");
    }
}
