using System.CommandLine;
using System.CommandLine.Parsing;
using AdaptiveKv.Files;

namespace AdaptiveKv.Cli;

/// <summary>Says in one line what is wrong with a command line, with the nearest known word.</summary>
internal static class UsageError
{
    /// <summary>The line for a parse that has errors.</summary>
    public static string Describe(ParseResult parse, string program)
    {
        Command command = parse.CommandResult.Command;
        string name = FullName(parse.CommandResult, program);
        string help = $"; see '{name} --help'";
        if (parse.UnmatchedTokens is [string word, ..])
        {
            bool option = word.StartsWith('-');
            IEnumerable<string> known = option ? Options(parse.CommandResult) : command.Subcommands.Select(subcommand => subcommand.Name);
            string what = option ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            string remedy = NearestName.Find(word, known) is { } near ? $"; did you mean '{near}'?" : help;
            return $"{name}: unknown {what} '{word}'{remedy}";
        }

        return $"{name}: {parse.Errors[0].Message.TrimEnd('.')}{help}";
    }

    private static string FullName(CommandResult result, string program) =>
        result.Parent is CommandResult parent ? $"{FullName(parent, program)} {result.Command.Name}" : program;

    private static IEnumerable<string> Options(CommandResult result)
    {
        IEnumerable<string> own = result.Command.Options.SelectMany(option => option.Aliases.Append(option.Name));
        return result.Parent is CommandResult parent
            ? own.Concat(parent.Command.Options.Where(option => option.Recursive).Select(option => option.Name))
            : own;
    }
}
