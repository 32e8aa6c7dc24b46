using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using Spectre.Console;

namespace AdaptiveKv.Unit.Cli;

/// <summary>Nothing that a file, a model or an argument holds moves a terminal's cursor, colours it or asks it anything.</summary>
public sealed class VisibleTextTests : IDisposable
{
    private const string Red = "\u001b[31m";

    private readonly TemporaryFolder folder = new();
    private readonly TestTerminal terminal = new();

    public void Dispose()
    {
        folder.Dispose();
        terminal.Dispose();
    }

    [Theory]
    [InlineData("plain ä 漢 🎉\ttab\nline", "plain ä 漢 🎉\ttab\nline")]
    [InlineData("\u001b[31mred\u001b]0;title\u0007", "\\u001b[31mred\\u001b]0;title\\u0007")]
    [InlineData("back\b\u007f\0\r\v\f", "back\\u0008\\u007f\\u0000\\r\\u000b\\u000c")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("\u202eevil\u2066", "\\u202eevil\\u2066")]
    public void ControlCharactersAreShownAsJsonWritesThem(string text, string shown)
    {
        Assert.Equal(shown, VisibleText.Of(text));
        Assert.Equal(shown.Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal), VisibleText.OnOneLine(text));

        terminal.Terminal.Output.Write(text);
        terminal.Terminal.Output.Write(text.ToCharArray());
        foreach (char character in text)
        {
            terminal.Terminal.Error.Write(character);
        }

        Assert.Equal(shown + shown, terminal.Output);
        Assert.Equal(shown.Split('\n'), terminal.ErrorLines);
    }

    [Fact]
    public void DataArrivesAsItIsExceptOnAScreen()
    {
        terminal.Terminal.Data.Write(Red);
        Assert.Equal(Red, terminal.Output);

        using StringWriter screen = new();
        new Terminal { Output = screen, Error = TextWriter.Null, Time = TimeProvider.System, OutputScreen = Screen(TextWriter.Null) }.Data.Write(Red);
        Assert.Equal("\\u001b[31m", screen.ToString());
    }

    [Theory]
    [InlineData("generate", "--model", "MICRO", "--prompt", "hi", "--policy", Red)]
    [InlineData("generate", "--model", Red, "--prompt", "hi")]
    [InlineData("evaluate", "--model", "MICRO", "--data", Red)]
    [InlineData("data", "head", Red)]
    [InlineData("gate", Red, "--thresholds", Red)]
    [InlineData("metrics", "show", Red + ".json")]
    [InlineData("validate", "--pipeline", Red)]
    [InlineData("run", "--pipeline", Red)]
    [InlineData("bench", "--model", "MICRO", "--depths", Red)]
    [InlineData(Red)]
    [InlineData("generate", Red)]
    [InlineData("generate", "--" + Red)]
    public void ArgumentsAreQuotedSafely(params string[] arguments)
    {
        int code = CommandLine.Run([.. arguments.Select(word => word == "MICRO" ? SharedFiles.MicroModel : word)], terminal.Terminal);

        Assert.NotEqual(ExitCode.Done, code);
        Assert.NotEqual(ExitCode.Internal, code);
        Assert.Contains(terminal.ErrorLines, line => line.Contains("\\u001b[31m", StringComparison.Ordinal));
        Assert.DoesNotContain(terminal.ErrorLines.Append(terminal.Output), line => line.Contains('\u001b', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("trust/esc-architecture.gguf", "model", "info")]
    [InlineData("trust/esc-key.yaml", "validate", "--pipeline")]
    public void FilesAreQuotedSafely(string file, params string[] command)
    {
        int code = CommandLine.Run([.. command, SharedFiles.Require($"cases/{file}")], terminal.Terminal);

        Assert.True(code is ExitCode.BadData or ExitCode.Usage, $"exit code {code}");
        Assert.Contains(terminal.ErrorLines, line => line.Contains("\\u001b", StringComparison.Ordinal));
        Assert.DoesNotContain(terminal.ErrorLines.Append(terminal.Output), line => line.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public void MetricsAreShownSafely()
    {
        File.WriteAllText(folder["m.json"], """{"acc\u001b[31m": 1, "note": "\u001b[31m"}""");

        Assert.Equal(ExitCode.Done, CommandLine.Run(["metrics", "show", folder["m.json"]], terminal.Terminal));
        Assert.Contains("acc\\u001b[31m", terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', terminal.Output);
    }

    [Fact]
    public void ProgressOnAScreenIsSafe()
    {
        using StringWriter screen = new();
        Terminal drawn = new() { Output = TextWriter.Null, Error = TextWriter.Null, Time = TimeProvider.System, Screen = Screen(screen) };

        ProgressBar.Run(drawn, $"scoring {Red}x", 2, "items", progress =>
        {
            progress.Report(2);
            return 0;
        });

        Assert.Contains("\\u001b[31mx", screen.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Red, screen.ToString(), StringComparison.Ordinal);
    }

    private static IAnsiConsole Screen(TextWriter output) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(output),
    });

    [Fact]
    public void ALogOnAFullDiskEndsNoWork()
    {
        using FullDisk full = new();
        Terminal terminal = new() { Output = full, Error = full, Time = TimeProvider.System };

        terminal.Note("scored 1 of 2 items");

        Assert.Throws<IOException>(() => terminal.Output.WriteLine("0.5"));
    }

    private sealed class FullDisk : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");
    }
}
