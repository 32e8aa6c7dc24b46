using System.CommandLine;
using AdaptiveKv.Pipeline.Execution;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The arguments that name stages of a pipeline.</summary>
internal sealed class StageOptions
{
    private readonly Argument<string[]> targets = new("stage")
    {
        Description = "Stages, each with those that make what it reads; all by default",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> from = new("--from")
    {
        Description = "Begin with this stage, and take what comes before as it is",
        HelpName = "stage",
    };

    private readonly Option<string?> to = new("--to") { Description = "End with this stage", HelpName = "stage" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(targets);
        command.Add(from);
        command.Add(to);
    }

    /// <summary>The stages.</summary>
    /// <exception cref="ArgumentException">One is a file.</exception>
    public StageSelection Read(ParseResult arguments)
    {
        string[] names = arguments.GetValue(targets) ?? [];
        return names.FirstOrDefault(name => Path.GetExtension(name) is ".yaml" or ".yml") is { } file
            ? throw new ArgumentException($"'{file}' is no stage: name a pipeline file with --pipeline {file}")
            : new StageSelection { Targets = names, From = arguments.GetValue(from), To = arguments.GetValue(to) };
    }
}
