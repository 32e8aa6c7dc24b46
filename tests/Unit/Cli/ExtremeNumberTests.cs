using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Data;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli;

/// <summary>Every option that takes a number, of every command that needs no earlier stage, with numbers at the ends of what a number can be: the command works, or refuses it in one line.</summary>
public sealed class ExtremeNumberTests : IDisposable
{
    private static readonly string[] Extremes =
        ["2147483647", "-2147483648", "2147483648", "18446744073709551616", "1e308", "5e-324", "NaN", "0", "-1", ""];

    private readonly TemporaryFolder folder = new();

    public ExtremeNumberTests()
    {
        // Little, so that all of it is soon read.
        File.WriteAllText(folder["text.txt"], string.Concat(Enumerable.Repeat("Mia: cup library. Leo: key garden. Mia: cup workshop. ", 4)));
        File.WriteAllLines(folder["items.jsonl"], File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(4));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("generate", "--model", "MICRO", "--prompt", "hi there", "--max-tokens", "2", "--stop", " ")]
    [InlineData("evaluate", "--model", "MICRO", "--data", "ITEMS", "--policies", "static-4", "--limit", "1")]
    [InlineData("perplexity", "--model", "MICRO", "--text", "TEXT", "--tokens", "16", "--windows", "1", "--policies", "static-4")]
    [InlineData("calibrate", "--model", "MICRO", "--data", "ITEMS", "--tokens", "32", "--output", "OUT")]
    [InlineData("bench", "--force", "--model", "MICRO", "--depths", "4", "--prefill", "4", "--tokens", "1", "--repeats", "1", "--policies", "static-4")]
    [InlineData("data", "head", "TABLE")]
    [InlineData("data", "sample", "TABLE")]
    [InlineData("data", "sql", "TABLE", "SELECT count(*) FROM t")]
    [InlineData("data", "groupby", "TABLE", "split", "--agg", "count")]
    public void Numbers(params string[] command)
    {
        if (command is ["data", "sql" or "groupby", ..])
        {
            TableEngine.Require();
        }

        string table = command.Contains("TABLE") ? SharedFiles.Require("cases/field/parquet/plain/t.parquet") : string.Empty;
        string[] words = [.. command.Select(word => word switch
        {
            "MICRO" => SharedFiles.MicroModel,
            "ITEMS" => folder["items.jsonl"],
            "TEXT" => folder["text.txt"],
            "TABLE" => table,
            "OUT" => folder["out"],
            _ => word,
        })];
        using TestTerminal first = new();
        Assert.True(CommandLine.Run(words, first.Terminal) == ExitCode.Done, string.Join('\n', first.ErrorLines));

        Command parsed = CommandLine.Root(first.Terminal);
        foreach (string name in command.TakeWhile(word => word.All(char.IsAsciiLetterLower)))
        {
            parsed = parsed.Subcommands.FirstOrDefault(child => child.Name == name) ?? parsed;
        }

        List<string> wrong = [];
        int tried = 0;
        foreach (Option option in parsed.Options.Where(option => option.HelpName is "n" or "x"))
        {
            foreach (string value in Extremes)
            {
                tried++;
                using TestTerminal terminal = new();
                int at = Array.IndexOf(words, option.Name);
                string[] line = at < 0 ? [.. words, option.Name, value] : [.. words[..(at + 1)], value, .. words[(at + 2)..]];
                int code = CommandLine.Run(line, terminal.Terminal);
                bool isSaid = code is ExitCode.Usage or ExitCode.BadData && terminal.ErrorLines[^1].StartsWith("error: ", StringComparison.Ordinal);
                if (code != ExitCode.Done && !isSaid)
                {
                    wrong.Add($"{option.Name} '{value}': {code} {terminal.ErrorLines.LastOrDefault()}");
                }
            }
        }

        Assert.True(tried >= Extremes.Length, "no option takes a number");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
