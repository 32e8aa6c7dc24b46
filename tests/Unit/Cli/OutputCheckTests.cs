using System.CommandLine;
using System.Diagnostics;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli;

/// <summary>No command replaces what it reads, by whatever name it is called, nor writes one file twice.</summary>
public sealed class OutputCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestTerminal terminal = new();

    public void Dispose()
    {
        folder.Dispose();
        terminal.Dispose();
    }

    [Theory]
    [InlineData("model", "quantize", "--model", "IN", "--output", "OUT")]
    [InlineData("data", "to-csv", "IN", "--output", "OUT")]
    [InlineData("calibrate", "--model", "MICRO", "--data", "IN", "--output", "OUT")]
    [InlineData("calibrate", "--model", "IN", "--data", "ITEMS", "--output", "OUT")]
    [InlineData("evaluate", "--model", "MICRO", "--data", "IN", "--scores", "OUT")]
    [InlineData("evaluate", "--model", "MICRO", "--data", "ITEMS", "--items", "IN", "--scores", "OUT")]
    [InlineData("evaluate", "--model", "MICRO", "--data", "ITEMS", "--controller", "IN", "--scores", "OUT")]
    [InlineData("evaluate", "--model", "MICRO", "--data", "ITEMS", "--controller", "other=IN", "--scores", "OUT")]
    [InlineData("evaluate", "--model", "MICRO", "--data", "ITEMS", "--transform", "IN", "--scores", "OUT")]
    [InlineData("bench", "--force", "--model", "MICRO", "--ids", "IN", "--plot", "OUT")]
    [InlineData("bench", "--force", "--model", "MICRO", "--controller", "IN", "--costs", "OUT")]
    [InlineData("ablation", "--model", "MICRO", "--text", "IN", "--json", "OUT")]
    [InlineData("ablation", "--model", "MICRO", "--text", "ITEMS", "--calibration-text", "IN", "--markdown", "OUT")]
    [InlineData("dataset", "--tokens", "IN", "--items", "ITEMS", "--dataset", "OUT", "--summary", "ELSEWHERE")]
    [InlineData("dataset", "--tokens", "ITEMS", "--items", "IN", "--dataset", "ELSEWHERE", "--summary", "OUT")]
    public void WhatIsReadIsNotReplaced(params string[] command)
    {
        string input = folder["input.bin"];
        byte[] content = [.. "not to be lost"u8];
        File.WriteAllBytes(input, content);
        Directory.CreateDirectory(folder["sub"]);
        List<string> spellings = [input, folder["sub/../input.bin"], Path.GetRelativePath(Directory.GetCurrentDirectory(), input), folder["./input.bin"]];
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(folder["link"], "input.bin");
            File.CreateSymbolicLink(folder["over"], folder["link"]);
            Directory.CreateSymbolicLink(folder["folder"], folder.Path);
            Process.Start("ln", [input, folder["hard"]]).WaitForExit();
            spellings.AddRange([folder["link"], folder["over"], folder["folder/input.bin"], folder["hard"]]);
        }

        foreach (string output in spellings)
        {
            Assert.Equal(ExitCode.Usage, Run(command, input, output));
            Assert.Contains(output, terminal.ErrorLines[^1], StringComparison.Ordinal);
            Assert.Equal(content, File.ReadAllBytes(input));
        }

        Assert.Equal(OperatingSystem.IsWindows() ? 2 : 6, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Theory]
    [InlineData("bench", "--force", "--model", "MICRO", "--plot", "IN", "--costs", "OUT")]
    [InlineData("ablation", "--model", "MICRO", "--text", "ITEMS", "--json", "IN", "--markdown", "OUT")]
    public void TwoOutputsAreTwoFiles(params string[] command)
    {
        Assert.Equal(ExitCode.Usage, Run(command, folder["out"], folder["./out"]));
        Assert.Contains("writes to it too", terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out"]));
    }

    [Fact]
    public void AModelsFolderIsReadWhole()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(SharedFiles.Micro, "hf")))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        foreach (string output in Directory.GetFiles(folder.Path))
        {
            byte[] content = File.ReadAllBytes(output);
            Assert.Equal(ExitCode.Usage, Run(["calibrate", "--model", "IN", "--data", "ITEMS", "--output", "OUT"], folder.Path, output));
            Assert.Equal(content, File.ReadAllBytes(output));
        }
    }

    [Fact]
    public void NamesThatDifferInCaseAreTwoFilesOnLinux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems' folders do not tell them apart");
        File.Copy(SharedFiles.MicroModel, folder["m.gguf"]);

        Assert.Equal(ExitCode.Done, Run(["model", "quantize", "--model", "IN", "--output", "OUT"], folder["m.gguf"], folder["M.gguf"]));
        Assert.Equal(File.ReadAllBytes(SharedFiles.MicroModel), File.ReadAllBytes(folder["m.gguf"]));
    }

    [Theory]
    [InlineData("model", "info", "IN")]
    [InlineData("model", "quantize", "--model", "IN", "--output", "OUT")]
    [InlineData("generate", "--model", "IN", "--prompt", "hi")]
    [InlineData("data", "head", "IN")]
    [InlineData("data", "sql", "IN", "SELECT 1")]
    [InlineData("data", "to-csv", "IN")]
    [InlineData("dataset", "--tokens", "IN", "--items", "ITEMS", "--dataset", "OUT", "--summary", "ELSEWHERE")]
    public void WhatIsReadOutOfOrderIsNoPipe(params string[] command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "makes a FIFO");
        Process.Start("mkfifo", [folder["pipe"]]).WaitForExit();

        Assert.Equal(ExitCode.Usage, Run(command, folder["pipe"], folder["out"]));
        Assert.Contains("a pipe", Assert.Single(terminal.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOptionThatNamesAFileSaysWhatIsDoneWithIt()
    {
        // What stages read and write, LoneStageReader compares.
        List<Option> options = [.. All(CommandLine.Root(terminal.Terminal))
            .Where(command => command.Name is "evaluate" || !Stages.Catalog.Kinds.ContainsKey(command.Name))
            .SelectMany(command => command.Options)
            .Where(option => option.HelpName is "file" or "path")];

        Assert.True(options.Count > 20);
        Assert.Empty(options.Where(option => option is not IFileSymbol).Select(option => option.Name).Distinct());
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private int Run(string[] command, string input, string output) => (command[0] == "ablation" ? Experiments.Run : (Func<IReadOnlyList<string>, Terminal, int>)CommandLine.Run)(
        [.. command.Select(word => word switch
        {
            "OUT" => output,
            "MICRO" => SharedFiles.MicroModel,
            "ITEMS" => Path.Combine(SharedFiles.Micro, "items_validation.jsonl"),
            "ELSEWHERE" => folder["elsewhere/summary.json"],
            _ => word.EndsWith("IN", StringComparison.Ordinal) ? word[..^2] + input : word,
        })],
        terminal.Terminal);
}
