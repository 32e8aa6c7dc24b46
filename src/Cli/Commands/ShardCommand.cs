using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Pipeline.Shards;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv shard</c>: one stage's items shared out among processes on any machines that see the same files, ending in the bytes of one process.</summary>
internal static class ShardCommand
{
    // In the order in which they are looked for: what starts a process sets one of them. GNU parallel counts from 1.
    private static readonly (string Name, int First)[] Variables = [("SLURM_ARRAY_TASK_ID", 0), ("JOB_COMPLETION_INDEX", 0), ("PARALLEL_SEQ", 1)];

    /// <summary>The command and its subcommands.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog) => new("shard", "Share out a stage that works item by item among processes on any machines that see the same files")
    {
        ShardPlanCommand.Create(terminal, catalog),
        Run(terminal, catalog),
        Merge(terminal, catalog),
        Status(terminal, catalog),
    };

    private static Command Run(Terminal terminal, StageCatalog catalog)
    {
        Option<string> path = Plan();
        Option<int?> index = CommonOptions.WholeNumber("--index", $"The shard, from 0; by default what {string.Join(", ", Variables.Select(variable => variable.Name))} says", 0);
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("run", "Run one shard of a plan; it can be killed, run again and run twice at once") { path, index, threads };
        command.SetAction(arguments => OnPlannedKernels(arguments, path, plan =>
            new ShardWork(plan, catalog, new StageReporter(terminal), terminal.Time)
                .Run(arguments.GetValue(index) ?? FromEnvironment(), CommonOptions.Threads(arguments.GetValue(threads), terminal), terminal.Cancellation)));
        return command;
    }

    private static Command Merge(Terminal terminal, StageCatalog catalog)
    {
        Option<string> path = Plan();
        Command command = new("merge", "Publish what all shards made, in the bytes of one process; exit 75, with their numbers, where some are missing") { path };
        command.SetAction(arguments => OnPlannedKernels(arguments, path, plan => new ShardWork(plan, catalog, new StageReporter(terminal), terminal.Time).Merge(terminal.Cancellation)));
        return command;
    }

    private static Command Status(Terminal terminal, StageCatalog catalog)
    {
        Option<string> path = Plan();
        Command command = new("status", "Show how many shards of a plan are done, and which are not") { path };
        command.SetAction(arguments =>
        {
            ShardPlan plan = ShardPlan.Read(arguments.GetRequiredValue(path));
            ShardWork work = new(plan, catalog, new StageReporter(terminal), terminal.Time);
            IReadOnlyList<int> missing = work.Missing();
            terminal.Output.WriteLine($"{plan.Stage}: {plan.Shards - missing.Count} of {plan.Shards} shards done, {work.Done} of {work.Total} segments");
            terminal.Output.WriteLine(missing.Count == 0 ? "nothing is missing: akv shard merge" : $"missing: {ShardList.Text(missing)}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string> Plan() => new FileOption<string>(FileRole.Input, "--plan") { Description = "The plan that 'akv shard plan' made, or its folder", HelpName = "path", Required = true };

    // All shards must have the kernels of the plan, whatever those of the machine are.
    private static int OnPlannedKernels(ParseResult arguments, Option<string> path, Action<ShardPlan> work)
    {
        ShardPlan plan = ShardPlan.Read(arguments.GetRequiredValue(path));
        if (KernelChoice.Restart(plan.Kernels, Environment.GetCommandLineArgs()[1..]) is { } code)
        {
            return code;
        }

        work(plan);
        return ExitCode.Done;
    }

    private static int FromEnvironment()
    {
        foreach ((string name, int first) in Variables)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } text)
            {
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= first
                    ? number - first
                    : throw new ArgumentException($"{name}={text}: expected a whole number of at least {first}");
            }
        }

        throw new ArgumentException($"which shard? Name it with --index N, or run it under a scheduler that sets {string.Join(" or ", Variables.Select(variable => variable.Name))}");
    }
}
