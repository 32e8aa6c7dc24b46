using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv model</c>: what can be done with a model file itself.</summary>
internal static class ModelCommand
{
    /// <summary>The command and its subcommands.</summary>
    public static Command Create(Terminal terminal) => new("model", "Look into, check, quantize or fetch a model")
    {
        ModelInfoCommand.Create(terminal),
        ModelVerifyCommand.Create(terminal),
        ModelQuantizeCommand.Create(terminal),
        ModelPullCommand.Create(terminal),
    };
}
