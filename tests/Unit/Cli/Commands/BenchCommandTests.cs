using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Evaluation.Speed;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class BenchCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-bench-").FullName;

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--depths 128,some", "error: --depths '128,some': 'some' is not a whole number from 1 to 1048576")]
    [InlineData("--depths 0", "error: --depths '0': '0' is not a whole number from 1 to 1048576")]
    [InlineData("--prefill-depths 0", "error: --prefill-depths '0': '0' is not a whole number from 1 to 1048576")]
    [InlineData("--batch 1,0", "error: --batch '1,0': '0' is not a whole number from 1 to 256")]
    [InlineData("--repeats 0", "error: akv bench: --repeats '0': expected a whole number from 1 to 1000; see 'akv bench --help'")]
    [InlineData("--policies static-16,static-16", "error: policy 'static-16' is named twice in 'static-16,static-16': name each policy once")]
    public void A_wrong_option_is_one_line(string options, string expected) => Assert.Equal(expected, Fail(ExitCode.Usage, options.Split(' ')));

    [Fact]
    public void A_missing_file_of_ids_is_named() => Assert.Equal("error: none.json: no such data file", Fail(ExitCode.MissingInput, "--ids", "none.json"));

    [Fact]
    public void A_missing_folder_for_the_plot_is_found_before_the_work() =>
        Assert.StartsWith($"error: {folder}/none/plot.svg: the folder ", Fail(ExitCode.MissingInput, "--plot", $"{folder}/none/plot.svg"));

    [Fact]
    public void Sessions_together_have_a_table_of_their_own()
    {
        Assert.Equal(ExitCode.Done, Run("--batch", "3,1"));

        Assert.Contains("""
            policy     depth  sessions  tokens/s  slowest  fastest  n  times the fewest  lowest  highest
            --------------------------------------------------------------------------------------------
            static-16      8         1    1000.0   1000.0   1000.0  2              1.00    1.00     1.00
            static-16      8         3    3000.0   3000.0   3000.0  2              3.00    3.00     3.00
            static-16     20         1    1000.0   1000.0   1000.0  2              1.00    1.00     1.00
            """, terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_after_a_past_have_a_table_of_their_own()
    {
        Assert.Equal(ExitCode.Done, Run("--prefill-depths", "20"));

        Assert.Contains("""
            policy     prompt at  tokens/s  slowest  fastest  n  with logits ms
            -------------------------------------------------------------------
            static-16          0    4000.0   4000.0   4000.0  2             3.0
            static-16         20    4000.0   4000.0   4000.0  2             3.0
            static-4           0    4000.0   4000.0   4000.0  2             3.0
            """, terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_ids_are_refused()
    {
        string ids = Path.Combine(folder, "ids.json");
        File.WriteAllText(ids, "[1, 2, 3]");

        Assert.Equal(ExitCode.BadData, Run("--ids", ids));
        Assert.Equal($"error: {ids}: 3 token ids: 24 are needed for the greatest depth: give more ids or smaller --depths", terminal.ErrorLines[^1]);
    }

    [Fact]
    public void The_same_ids_by_file_are_named_and_hashed_and_the_plot_is_written()
    {
        string ids = Path.Combine(folder, "ids.json");
        string plot = Path.Combine(folder, "plot.svg");
        File.WriteAllText(ids, $"[{string.Join(',', Enumerable.Range(1, 24))}]");

        Assert.Equal(ExitCode.Done, Run("--ids", ids, "--json", "--plot", plot));
        JsonElement report = JsonDocument.Parse(terminal.Output).RootElement;
        Assert.Equal("ids.json", report.GetProperty("run").GetProperty("data").GetString());
        Assert.Equal(8, report.GetProperty("decodes").GetArrayLength());
        Assert.Equal(2, report.GetProperty("policies").GetArrayLength());
        Assert.StartsWith("<svg ", File.ReadAllText(plot), StringComparison.Ordinal);
    }

    private int Run(params string[] options) => CommandLine.Run(
        [
            "bench", "--model", SharedFiles.MicroModel, "--force", "--policies", "static-16,static-4", "--depths", "20,8", "--prefill", "8", "--tokens", "4",
            "--repeats", "2", "--threads", "1", .. options,
        ],
        new Terminal { Output = terminal.Terminal.Output, Error = terminal.Terminal.Error, Time = new SteppingClock() });

    private string Fail(int code, params string[] options)
    {
        Assert.Equal(code, CommandLine.Run(["bench", "--model", "none.gguf", "--force", .. options], terminal.Terminal));
        Assert.Empty(terminal.Output);
        return terminal.ErrorLines[^1];
    }
}
