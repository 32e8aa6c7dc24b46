using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Cli;

namespace AdaptiveKv.Unit.Laboratory.Ablation;

public sealed class AblationCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-ablate-").FullName;

    private static string Card => Path.Combine(SharedFiles.Micro, "MODEL_CARD.md");

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_code_is_measured_and_written()
    {
        string text = Path.Combine(folder, "text.txt");
        string json = Path.Combine(folder, "kv.json");
        string markdown = Path.Combine(folder, "kv.md");
        File.WriteAllText(text, string.Join('\n', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_train.jsonl")).Take(60)));

        int code = Run("--text", text, "--tokens", "96", "--windows", "1", "--positions", "80", "--bits", "2,4", "--calibration-tokens", "512", "--json", json, "--markdown", markdown);

        Assert.True(code == ExitCode.Done, string.Join('\n', terminal.ErrorLines));
        JsonElement report = JsonElement.Parse(File.ReadAllText(json));
        JsonElement[] rows = [.. report.GetProperty("codes").EnumerateArray()];
        Assert.Equal((11 * 2) + 11, rows.Length);
        Assert.All(rows, row => Assert.InRange(row.GetProperty("divergence").GetProperty("kl").GetDouble(), 0, 10));
        Assert.Equal(["4", "2"], report.GetProperty("positions").EnumerateArray().Select(row => row.GetProperty("tier").GetString()));
        Assert.Equal(512, report.GetProperty("calibration_tokens").GetInt32());
        Assert.Contains("| KIVI-like: keys by channel (simulated) | ", File.ReadAllText(markdown), StringComparison.Ordinal);
        Assert.Contains("| 64 to 79 | ", File.ReadAllText(markdown), StringComparison.Ordinal);
        Assert.Matches("mu \\+ D \\+ H \\+ clip, 1 sink +k8v4 ", terminal.Output);
        Assert.Matches("mu \\+ D \\+ H \\+ clip, 1 sink +2\\+escalate5 ", terminal.Output);
        Assert.Contains(terminal.ErrorLines, line => line.StartsWith("measuring codes: ", StringComparison.Ordinal) && !line.Contains("stopped", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--bits 4,5", ExitCode.Usage, "--bits '4,5': expected some of 8, 4, 3, 2, each once, separated by commas")]
    [InlineData("--bits 4,4", ExitCode.Usage, "--bits '4,4': expected")]
    [InlineData("--tokens 2000", ExitCode.Usage, "a window of 4096 tokens: the model's context holds 1024")]
    [InlineData("--tokens 900 --windows 2 --positions 0", ExitCode.BadData, "1801 are needed: take a longer text")]
    [InlineData("--tokens 100 --positions 0", ExitCode.BadData, "1 windows of 512 tokens outside the measured ones, too few for 2048 tokens")]
    [InlineData("--json none/a.json", ExitCode.MissingInput, "does not exist: create it first")]
    public void What_cannot_be_measured_is_said(string options, int code, string words)
    {
        Assert.Equal(code, Run(["--text", Card, .. options.Split(' ')]));
        Assert.Empty(terminal.Output);
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_measured_text_is_no_calibration_text()
    {
        Assert.Equal(ExitCode.Usage, Run("--text", Card, "--tokens", "64", "--positions", "0", "--calibration-text", Card, "--calibration-tokens", "100"));
        Assert.Contains("--calibration-text is the measured text", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    private int Run(params string[] options) => Experiments.Run(["ablation", "-m", SharedFiles.MicroModel, .. options], terminal.Terminal);
}
