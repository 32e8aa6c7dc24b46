using System.Globalization;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary><c>--threads</c> is the same option in every command that has it.</summary>
public sealed class ThreadsOptionTests : IDisposable
{
    private static readonly string Items = Path.Combine(SharedFiles.Micro, "items_validation.jsonl");
    private static readonly string Text = Path.Combine(SharedFiles.Micro, "MODEL_CARD.md");

    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-threads-").FullName;

    public static TheoryData<string> Commands => ["generate", "evaluate", "perplexity", "calibrate", "bench", "modes", "ablation", "breakdown"];

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void What_no_machine_has_use_for_is_refused(string command)
    {
        foreach (string wrong in (string[])["0", "-1", "513", "100000", "2147483648", "two", ""])
        {
            Assert.Equal(ExitCode.Usage, Run([.. Arguments(command), "--threads", wrong]));
            Assert.Contains($"--threads '{wrong}': expected a whole number from 1 to 512; see '", terminal.ErrorLines[^1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void More_threads_than_processors_do_their_work_and_a_note_says_so(string command)
    {
        int threads = Math.Max(Processors.Logical + 1, 11);

        Assert.Equal(ExitCode.Done, Run([.. Arguments(command), "--threads", threads.ToString(CultureInfo.InvariantCulture)]));

        string note = $"--threads {threads}: no more threads run than this process has processors ({Processors.Logical}); the result is the same";
        Assert.Single(terminal.ErrorLines, note);
    }

    [Fact]
    public void As_many_threads_as_there_are_processors_need_no_note()
    {
        Assert.Equal(ExitCode.Done, Run([.. Arguments("generate"), "--threads", $"{Processors.Logical}"]));

        Assert.DoesNotContain(terminal.ErrorLines, line => line.Contains("--threads", StringComparison.Ordinal));
    }

    private int Run(string[] arguments) => (arguments[0] is "modes" or "ablation" or "breakdown" ? Experiments.Run : (Func<IReadOnlyList<string>, Terminal, int>)CommandLine.Run)(arguments, terminal.Terminal);

    private string[] Arguments(string command) =>
    [
        .. command switch
        {
            "generate" => (string[])["generate", "-p", "hi", "--max-tokens", "3"],
            "evaluate" => ["evaluate", "--data", Items, "--limit", "2", "--policies", "static-4"],
            "perplexity" => ["perplexity", "--text", Text, "--tokens", "16", "--windows", "1", "--policies", "static-4"],
            "calibrate" => ["calibrate", "--data", Text, "--tokens", "32", "-o", Path.Combine(folder, "transform.safetensors")],
            "bench" => ["bench", "--depths", "8", "--prefill", "4", "--tokens", "2", "--repeats", "1", "--policies", "static-4", "--force"],
            "modes" => ["modes", "--data", Items, "--limit", "1", "--policies", "static-4"],
            "breakdown" => ["breakdown", "--depths", "8", "--tokens", "2", "--repeats", "1", "--policies", "static-4", "--force"],
            "ablation" => ["ablation", "--text", Text, "--tokens", "16", "--windows", "1", "--positions", "0", "--bits", "4", "--calibration-tokens", "32", "--calibration-window", "16"],
            _ => throw new ArgumentException(command),
        },
        "--model", SharedFiles.MicroModel,
    ];
}
