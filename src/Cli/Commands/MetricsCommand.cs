using System.CommandLine;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv metrics</c>: the numbers that runs ended with.</summary>
internal static class MetricsCommand
{
    /// <summary>The command and its subcommands.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog) => new("metrics", "Show metrics files, or compare two of them")
    {
        MetricsShowCommand.Create(terminal, catalog),
        MetricsDiffCommand.Create(terminal, catalog),
    };
}
