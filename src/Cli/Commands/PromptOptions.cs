using System.CommandLine;
using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The prompt: on the command line, in a file, or on standard input.</summary>
internal sealed class PromptOptions
{
    private const string StandardInput = "-";

    private readonly Option<string?> prompt = new("--prompt", "-p") { Description = "Text to continue, or with --chat the question", HelpName = "text" };

    private readonly FileOption<string?> file = new(FileRole.Input, "--prompt-file")
    {
        Description = "A UTF-8 file that holds the prompt instead, without the line end at its end; - for standard input",
    };

    /// <summary>All of them, in the order the help shows them.</summary>
    public IReadOnlyList<Option> All => [prompt, file];

    /// <summary>Refuses none or two of them.</summary>
    public void AddTo(Command command) => command.Validators.Add(result =>
    {
        if ((result.GetResult(prompt) is null) == (result.GetResult(file) is null))
        {
            result.AddError(result.GetResult(prompt) is null ? "give --prompt or --prompt-file" : "--prompt and --prompt-file both give the prompt: leave one of the two out");
        }
    });

    /// <summary>The prompt.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It holds no UTF-8 text.</exception>
    public string Read(ParseResult arguments, Terminal terminal)
    {
        if (arguments.GetValue(file) is not { } path)
        {
            return arguments.GetValue(prompt)!;
        }

        string text = path == StandardInput ? ReadInput(terminal) : TextFile.Read(path).Text;
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    private static string ReadInput(Terminal terminal)
    {
        string text = terminal.Read(input => input.ReadToEnd());
        return string.IsNullOrWhiteSpace(text) ? throw new InvalidDataException("standard input: empty: expected plain UTF-8 text") : text;
    }
}
