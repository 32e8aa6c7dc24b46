using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Laboratory.Ablation;
using AdaptiveKv.Laboratory.Arithmetics;
using AdaptiveKv.Laboratory.Balance;
using AdaptiveKv.Laboratory.Breakdown;
using AdaptiveKv.Laboratory.Load;
using AdaptiveKv.Laboratory.Modes;
using AdaptiveKv.Laboratory.Shapes;
using AdaptiveKv.Files;

namespace AdaptiveKv.Laboratory;

/// <summary>The laboratory's commands, with the product's options, errors and exit codes.</summary>
internal static class Experiments
{
    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal) => CommandLine.Run(
        arguments,
        terminal,
        [
            AblationCommand.Create(terminal), ArithmeticCommand.Create(terminal), BalanceCommand.Create(terminal), BreakdownCommand.Create(terminal), LoadCommand.Create(terminal), ModesCommand.Create(terminal),
            ShapeCommand.Create(terminal),
        ],
        "laboratory");

    /// <summary>Writes a file that was asked for, and says so.</summary>
    public static void Write(string? path, string content, Terminal terminal)
    {
        if (path is not null)
        {
            OutputFile.Write(path, content);
            terminal.Note($"wrote {path}");
        }
    }
}
