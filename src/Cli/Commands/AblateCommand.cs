using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv ablate</c>: what each part of a method is worth, measured.</summary>
internal static class AblateCommand
{
    /// <summary>The command and its subcommands.</summary>
    public static Command Create(Terminal terminal) => new("ablate", "Measure what each part of a method is worth")
    {
        AblateKvCommand.Create(terminal),
    };
}
