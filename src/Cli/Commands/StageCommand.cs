using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary>A stage program as a command of its own, with files in and files out: <c>akv train --dataset d.parquet --lr 3e-4 ...</c>.</summary>
internal static class StageCommand
{
    /// <summary>The command of a program.</summary>
    public static Command Create(Terminal terminal, StageKind kind)
    {
        Dictionary<string, Option<string?>> options = new(StringComparer.Ordinal);
        foreach (StageInput dep in kind.Deps)
        {
            options.Add(dep.Name, Text(dep.Name, $"Reads {dep.Description}{(dep.Optional ? "; optional" : string.Empty)}", "path"));
        }

        foreach (StageOutput made in kind.Outs)
        {
            options.Add(made.Name, Text(made.Name, $"Writes {made.Description}{(made.Optional ? "; optional" : string.Empty)}", made.Segmented ? "folder" : "file"));
        }

        foreach (StageParam param in kind.Params)
        {
            options.Add(param.Name, Value(param));
        }

        // As commands that are no stages call them.
        if (options.TryGetValue("model", out Option<string?>? model))
        {
            model.Aliases.Add("-m");
        }

        if (kind.Outs is [{ Name: string only }])
        {
            options[only].Aliases.Add("--output");
            options[only].Aliases.Add("-o");
        }

        Option<int?>? threads = model is null ? null : CommonOptions.Threads();
        Option<bool> force = new("--force", "-f") { Description = "Run even if the outs are made of these inputs already" };
        Command command = new(kind.Name, $"{kind.Description}; from files to files, without a pipeline") { force };
        foreach (Option<string?> option in options.Values)
        {
            command.Add(option);
        }

        if (threads is not null)
        {
            command.Add(threads);
        }

        command.SetAction(arguments =>
        {
            Dictionary<string, string> given = options
                .Where(option => arguments.GetResult(option.Value) is { Implicit: false })
                .ToDictionary(option => option.Key, option => Given(arguments.GetResult(option.Value)!));
            LoneStage stage = Read(kind, given);
            stage.Run(arguments.GetValue(force), threads is null ? null : CommonOptions.Threads(arguments.GetValue(threads), terminal), new StageReporter(terminal), terminal.Time, terminal.Cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    private static LoneStage Read(StageKind kind, Dictionary<string, string> given)
    {
        try
        {
            return LoneStage.Read(kind, given);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"akv {kind.Name}: {exception.Message}; see 'akv {kind.Name} --help'", exception);
        }
    }

    // A switch that stands alone is on.
    private static string Given(OptionResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "true";

    private static Option<string?> Text(string name, string description, string helpName) =>
        new(OptionName.Of(name)) { Description = description, HelpName = helpName };

    private static Option<string?> Value(StageParam param)
    {
        string element = param.Type switch
        {
            ParamType.Integer => "n",
            ParamType.Number => "x",
            ParamType.Boolean => "true|false",
            _ when param.Choices.Count > 0 => string.Join('|', param.Choices),
            _ => "text",
        };
        string unit = param.Unit is { } known ? $" ({known})" : string.Empty;
        string preset = param.Default is { } value ? $"; {Preset(value)} by default" : "; required";
        Option<string?> option = Text(
            param.Name, $"{char.ToUpperInvariant(param.Description[0])}{param.Description[1..]}{unit}{preset}", param.IsList ? $"{element},..." : element);
        option.Arity = param.Type == ParamType.Boolean && !param.IsList ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne;
        return option;
    }

    private static string Preset(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.GetArrayLength() > 0 => string.Join(',', value.EnumerateArray().Select(Preset)),
        JsonValueKind.Array => "none",
        JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
        JsonValueKind.String => "none",
        _ => value.GetRawText(),
    };
}
