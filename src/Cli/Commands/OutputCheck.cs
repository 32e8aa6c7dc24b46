using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using AdaptiveKv.Files;

namespace AdaptiveKv.Cli.Commands;

/// <summary>No command writes to what it reads, by whatever names, nor twice to one file: looked at once, for all of them, before one starts.</summary>
internal static partial class OutputCheck
{
    // What is read of a folder, be it a model's or a table's.
    private static readonly string[] FolderExtensions = [".json", ".safetensors", ".parquet"];

    /// <summary>Refuses a command line that does.</summary>
    /// <exception cref="ArgumentException">Two of its files are one.</exception>
    public static void Require(ParseResult parse)
    {
        (string Name, string Path)[] outputs = [.. Named(parse, FileRole.Output).Where(output => FileStatus.Passing(output.Path) is null)];
        if (outputs.Length == 0)
        {
            return;
        }

        (string Name, string Path)[] inputs = [.. Named(parse, FileRole.Input)];
        for (int i = 0; i < outputs.Length; i++)
        {
            (string name, string path) = outputs[i];
            foreach ((string other, string input) in inputs)
            {
                if (Read(input).FirstOrDefault(file => FileStatus.AreOne(file, path)) is { } file)
                {
                    throw new ArgumentException($"{name} {path}: it is {file}, which {other} reads: name another file");
                }
            }

            if (outputs[..i].Where(earlier => FileStatus.AreOne(earlier.Path, path)).Select(earlier => earlier.Name).FirstOrDefault() is { } twin)
            {
                throw new ArgumentException($"{name} {path}: {twin} writes to it too: name another file");
            }
        }
    }

    private static IEnumerable<(string Name, string Path)> Named(ParseResult parse, FileRole role)
    {
        Command command = parse.CommandResult.Command;
        foreach (Symbol symbol in command.Options.Cast<Symbol>().Concat(command.Arguments).Where(symbol => symbol is IFileSymbol file && file.Role == role))
        {
            IReadOnlyList<Token> tokens = symbol is Option option ? parse.GetResult(option)?.Tokens ?? [] : parse.GetResult((Argument)symbol)?.Tokens ?? [];
            foreach (Token token in tokens.Where(token => token.Value.Length > 0))
            {
                yield return (symbol is Option ? symbol.Name : $"<{symbol.Name}>", token.Value);
            }
        }
    }

    private static IEnumerable<string> Read(string input)
    {
        // --controller NAME=FILE.
        string path = Path.Exists(input) ? input : input[(input.IndexOf('=', StringComparison.Ordinal) + 1)..];
        string name = Path.GetFileName(path);
        return path.Length == 0 ? []
            : Directory.Exists(path)
                ? Directory.EnumerateFiles(path).Where(file => FolderExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            : Part().IsMatch(name) && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder, Part().Replace(name, "-?????-of-$1.gguf"))
            : [path];
    }

    // A model in several files is named by one of them.
    [GeneratedRegex(@"-[0-9]{5}-of-([0-9]{5})\.gguf$")]
    private static partial Regex Part();
}
