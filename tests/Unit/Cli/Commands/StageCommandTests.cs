using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Pipeline;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>The fake stages as commands of their own.</summary>
public sealed class StageCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public StageCommandTests() => File.WriteAllText(folder["data.txt"], "some text\n");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void StagesRunOneAfterTheOtherAndMeetInFiles()
    {
        Assert.Equal([$"rows: wrote {folder["rows"]} in 0.0 s"], Notes(Run(ExitCode.Done, RowsArguments())));
        Assert.Equal(3, ArtifactReader.Open(folder["rows"]).Count);
        Run(ExitCode.Done, "table", "--rows", folder["rows"], "--table", folder["table.txt"], "--letters", "upper");
        Run(ExitCode.Done, "fit", "--table", folder["table.txt"], "--model", folder["m.txt"], "--curve", folder["c.csv"], "--lr", "3e-4", "--epochs", "2", "--layers", "4,8", "--shuffle");

        string[] model = File.ReadAllLines(folder["m.txt"]);
        Assert.Equal(["0.0003", "4,8", "True"], [model[0], .. model[2..]]);
        Assert.Equal(["c.csv", "m.txt", "rows/manifest.json", "table.txt"], Manifest.Read(folder["manifest.json"]).Entries.Select(entry => entry.Path));
        Assert.Equal(12, File.ReadAllLines(folder["table.txt"]).Length);
        Assert.Equal(File.ReadAllText(folder["table.txt"]).ToUpperInvariant(), File.ReadAllText(folder["table.txt"]));
    }

    [Fact]
    public void WhatIsMadeIsNotMadeAgainUnlessForced()
    {
        Run(ExitCode.Done, RowsArguments());
        int before = FakeStages.RowsMadeHere;

        Assert.Equal(["rows: nothing to do: the outs are made of these inputs already (--force makes them again)"], Notes(Run(ExitCode.Done, RowsArguments())));
        Assert.Equal(before, FakeStages.RowsMadeHere);
        Run(ExitCode.Done, [.. RowsArguments(), "--force"]);
        Assert.Equal(before + 12, FakeStages.RowsMadeHere);
        Run(ExitCode.Done, [.. RowsArguments(), "--seed", "7"]);
        Assert.Equal(before + 24, FakeStages.RowsMadeHere);
    }

    /// <summary>A stage run by hand in a pipeline's folder, with the same inputs, leaves it nothing to do.</summary>
    [Fact]
    public void ThePipelineTakesWhatTheStageMadeAlone()
    {
        using DemoPipeline demo = new();
        Run(ExitCode.Done, "rows", "--source", demo["data.txt"], "--rows", demo["artifacts/demo/collect/rows"], "--items", "20");

        Assert.DoesNotContain("collect", demo.Run().Ran);
        Assert.Contains("collect: made already; recorded now", demo.Notes);
    }

    [Fact]
    public void APublishedDepIsVerified()
    {
        Run(ExitCode.Done, RowsArguments());
        string segment = Directory.GetFiles(folder["rows"], "000001-*").Single();
        byte[] content = File.ReadAllBytes(segment);
        content[7] ^= 1;
        File.WriteAllBytes(segment, content);

        string error = Assert.Single(Run(ExitCode.BadData, "table", "--rows", folder["rows"], "--table", folder["table.txt"]));

        Assert.Contains("not as it was published", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["table.txt"]));
    }

    [Theory]
    [InlineData("--table: is missing: expected the path of the rows", "fit", "--model", "m", "--curve", "c", "--epochs", "1")]
    [InlineData("--curve: is missing: expected a path for ", "fit", "--table", "DATA", "--model", "m", "--epochs", "1")]
    [InlineData("--epochs: is missing: expected a whole number of at least 1: passes over the table", "fit", "--table", "DATA", "--model", "m", "--curve", "c")]
    [InlineData("--epochs: is '0': expected a whole number of at least 1", "fit", "--table", "DATA", "--model", "m", "--curve", "c", "--epochs", "0")]
    [InlineData("--layers: [1]: is 'x': expected a whole number", "fit", "--table", "DATA", "--model", "m", "--curve", "c", "--epochs", "1", "--layers", "1,x")]
    [InlineData("--shuffle: is 'maybe': expected true or false", "fit", "--table", "DATA", "--model", "m", "--curve", "c", "--epochs", "1", "--shuffle", "maybe")]
    [InlineData("--letters: is the text \"big\": expected lower or upper", "table", "--rows", "DATA", "--table", "t", "--letters", "big")]
    [InlineData("unknown option '--tabel'; did you mean '--table'?", "fit", "--tabel", "DATA")]
    [InlineData("expected all outs in one folder", "fit", "--table", "DATA", "--model", "m", "--curve", "elsewhere/c", "--epochs", "1")]
    [InlineData("--curve: m is the path of --model too", "fit", "--table", "DATA", "--model", "m", "--curve", "m", "--epochs", "1")]
    [InlineData("'.model' is a reserved name", "fit", "--table", "DATA", "--model", ".model", "--curve", "c", "--epochs", "1")]
    [InlineData("is, holds or lies in what --rows reads", "table", "--rows", "DATA", "--table", "DATA")]
    public void AWrongOptionIsNamedWithWhatIsExpected(string message, params string[] arguments)
    {
        string[] given = [.. arguments.Select(argument => argument == "DATA" ? folder["data.txt"] : argument)];

        string error = Assert.Single(Run(ExitCode.Usage, given));

        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void EverythingThatIsWrongIsSaidAtOnce()
    {
        string error = Assert.Single(Run(ExitCode.Usage, "fit", "--lr", "fast"));

        Assert.Equal(6, error.Split("; ").Length);
        Assert.StartsWith("error: akv fit: --table: is missing", error, StringComparison.Ordinal);
        Assert.EndsWith("; see 'akv fit --help'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingDepIsAMissingInput() =>
        Assert.Contains("--rows: there is no ", Assert.Single(Run(ExitCode.MissingInput, "table", "--rows", folder["absent"], "--table", folder["t"])), StringComparison.Ordinal);

    [Fact]
    public void FilesOfOthersAreNotTouched()
    {
        Directory.CreateDirectory(folder["photos"]);
        File.WriteAllText(folder["photos/one.jpg"], "mine");
        Assert.Contains("holds other files", Assert.Single(Run(ExitCode.Usage, "rows", "--source", folder["data.txt"], "--rows", folder["photos"])), StringComparison.Ordinal);

        File.WriteAllText(folder["manifest.json"], """{"name": "a web page"}""");
        Assert.Contains("not a list of published files", Assert.Single(Run(ExitCode.BadData, "rows", "--source", folder["photos/one.jpg"], "--rows", folder["rows"])), StringComparison.Ordinal);
        Assert.Equal("""{"name": "a web page"}""", File.ReadAllText(folder["manifest.json"]));
    }

    [Fact]
    public void TheHelpSaysWhatEachOptionIs()
    {
        string help = string.Join('\n', RunForOutput("fit", "--help"));

        Assert.Contains("--table <path>", help, StringComparison.Ordinal);
        Assert.Contains("Reads the rows", help, StringComparison.Ordinal);
        Assert.Contains("--layers <n,...>", help, StringComparison.Ordinal);
        Assert.Contains("0.001 by default", help, StringComparison.Ordinal);
        Assert.Contains("required", help, StringComparison.Ordinal);
    }

    /// <summary>Deps, outs and params share the options of one command: their names must differ.</summary>
    [Fact]
    public void TheRealStagesAreCommands()
    {
        using TestTerminal terminal = new();

        Assert.All(Stages.Catalog.Kinds.Values, kind => Assert.Equal(kind.Name, StageCommand.Create(terminal.Terminal, kind).Name));
    }

    private string[] RowsArguments() => ["rows", "--source", folder["data.txt"], "--rows", folder["rows"], "--items", "12"];

    private static string[] Notes(string[] lines) => [.. lines.Where(line => !line.StartsWith("making rows: ", StringComparison.Ordinal))];

    private static string[] Run(int code, params string[] arguments)
    {
        using TestTerminal terminal = new();
        int actual = Run(terminal, arguments);
        Assert.True(actual == code, $"exit code {actual}: {string.Join('\n', terminal.ErrorLines)}");
        Assert.Empty(terminal.Output);
        return terminal.ErrorLines;
    }

    private static string RunForOutput(params string[] arguments)
    {
        using TestTerminal terminal = new();
        Assert.Equal(ExitCode.Done, Run(terminal, arguments));
        return terminal.Output;
    }

    private static int Run(TestTerminal terminal, string[] arguments) =>
        CommandLine.Run(arguments, terminal.Terminal, [.. FakeStages.Catalog.Kinds.Values.Select(kind => StageCommand.Create(terminal.Terminal, kind))]);
}
