using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>On the embedded model; what a user can get wrong is said before the model is loaded.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-evaluate-").FullName;

    private static string Items => Path.Combine(SharedFiles.Micro, "items_validation.jsonl");

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_sample_is_scored_and_its_scores_are_kept()
    {
        string scores = Path.Combine(folder, "scores.jsonl");

        int code = CommandLine.Run(
            ["evaluate", "-m", SharedFiles.MicroModel, "--data", Items, "--limit", "5", "--policies", "static-16,static-4", "--json", "--scores", scores], terminal.Terminal);

        JsonElement report = JsonElement.Parse(terminal.Output);
        Assert.Equal(ExitCode.Done, code);
        Assert.Equal((5, 1000), (report.GetProperty("items_done").GetInt32(), report.GetProperty("items_in_file").GetInt32()));
        Assert.Equal(["static-16", "static-4"], report.GetProperty("policies").EnumerateArray().Select(policy => policy.GetProperty("policy").GetString()));
        Assert.All(report.GetProperty("policies").EnumerateArray(), policy => Assert.Equal(1, policy.GetProperty("accuracy").GetProperty("value").GetDouble()));
        Assert.Equal(10, File.ReadLines(scores).Count());
    }

    [Fact]
    public void A_cancelled_run_prints_what_it_has_and_says_so()
    {
        var stopped = new Terminal
        {
            Output = terminal.Terminal.Output, Error = terminal.Terminal.Error, Time = terminal, Cancellation = new CancellationToken(canceled: true), CancelledCode = () => ExitCode.Interrupted,
        };

        Assert.Equal(ExitCode.Interrupted, CommandLine.Run(["evaluate", "-m", SharedFiles.MicroModel, "--data", Items, "--policies", "static-4"], stopped));
        Assert.Contains("*** STOPPED after 0 of 1000 items", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistyped_policy_is_answered_with_the_nearest()
    {
        string line = Fail(ExitCode.Usage, "--model", SharedFiles.MicroModel, "--data", Items, "--policies", "static-16,statc-4");

        Assert.StartsWith("error: unknown policy 'statc-4': did you mean 'static-4'? known: static-0, ", line);
    }

    [Theory]
    [InlineData("--mode fast", "error: akv evaluate: --mode: unknown value 'fast': expected decode, two-pass or prefill; see 'akv evaluate --help'")]
    [InlineData("--arithmetic half", "error: akv evaluate: --arithmetic: unknown value 'half': expected float, int8 or int8-single; see 'akv evaluate --help'")]
    [InlineData("--limit 0", "error: akv evaluate: --limit '0': expected a whole number of at least 1; see 'akv evaluate --help'")]
    [InlineData("--limit many", "error: akv evaluate: --limit 'many': expected a whole number of at least 1; see 'akv evaluate --help'")]
    [InlineData("--polices static-4", "error: akv evaluate: unknown option '--polices'; did you mean '--policies'?")]
    public void A_wrong_option_is_one_line(string option, string expected) =>
        Assert.Equal(expected, Fail(ExitCode.Usage, ["--model", "m", "--data", "d", .. option.Split(' ')]));

    [Fact]
    public void A_missing_data_file_is_named() =>
        Assert.Equal($"error: {folder}/none: no such data file", Fail(ExitCode.MissingInput, "--model", SharedFiles.MicroModel, "--data", $"{folder}/none"));

    [Fact]
    public void A_wrong_line_of_data_is_named()
    {
        string data = Path.Combine(folder, "items.jsonl");
        File.WriteAllText(data, """{"context": "a", "endings": ["b", "c"], "label": 7}""");

        Assert.Equal(
            $"error: {data}: line 1: field 'label': 7 is not the number of an ending: expected 0 to 1",
            Fail(ExitCode.BadData, "--model", SharedFiles.MicroModel, "--data", data));
    }

    [Fact]
    public void A_missing_folder_for_the_scores_is_found_before_the_work() =>
        Assert.StartsWith(
            $"error: {folder}/none/scores.jsonl: the folder {folder}/none does not exist",
            Fail(ExitCode.MissingInput, "--model", SharedFiles.MicroModel, "--data", Items, "--scores", $"{folder}/none/scores.jsonl"));

    private string Fail(int code, params string[] arguments)
    {
        Assert.Equal(code, CommandLine.Run(["evaluate", .. arguments], terminal.Terminal));
        Assert.Empty(terminal.Output);
        return Assert.Single(terminal.ErrorLines);
    }
}
