using System.Runtime.InteropServices;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Budgets;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>A controller or a transform that is not what it was when it was published, and one whose numbers overflow.</summary>
public sealed class PublishedFileTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder folder = new();
    private readonly string controller;

    public PublishedFileTests()
    {
        controller = folder["controller.safetensors"];
        ControllerFile.Write(controller, BudgetedCache.Controller);
    }

    public static TheoryData<string[]> Commands => new(
        new[] { "generate", "-p", "Mia: cup", "--max-tokens", "2" },
        ["perplexity", "--text", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--tokens", "8", "--windows", "1"],
        ["evaluate", "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--limit", "1"],
        ["bench", "--force", "--depths", "8", "--prefill", "8", "--tokens", "1", "--repeats", "1"]);

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_controller_changed_beside_its_manifest_is_refused(string[] command)
    {
        Publish(controller);
        Assert.Equal(ExitCode.Done, Run(command, "--controller", controller));

        Change(controller, -1, weight => weight + 1);
        Refused(command, "--controller", $"other={controller}");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_transform_changed_beside_its_manifest_is_refused(string[] command)
    {
        string transform = folder["transform.safetensors"];
        File.WriteAllText(transform, "as it was published");
        Publish(transform);
        File.WriteAllText(transform, "as it was publishes");

        Refused(command, "--transform", transform);
    }

    /// <summary>Every number of the file is finite; their products are not.</summary>
    [Theory]
    [InlineData("learned")]
    [InlineData("learned-4")]
    public void A_controller_that_overflows_is_refused(string policy)
    {
        Change(controller, 0, _ => 3e38f);

        Assert.Equal(ExitCode.BadData, Run(["generate", "-p", "Mia: cup", "--max-tokens", "2"], "--controller", controller, "--policy", policy));
        Assert.Matches("controller.safetensors: .*layer 0, output 0 is not finite after folding", terminal.ErrorLines[^1]);
    }

    private void Refused(string[] command, string option, string value)
    {
        Assert.Equal(ExitCode.BadData, Run(command, option, value));
        Assert.Matches(
            $"{Path.GetFileName(value)}: not as it was published .SHA-256 [0-9a-f]+... instead of [0-9a-f]+....: it is damaged or was edited; make it again", terminal.ErrorLines[^1]);
    }

    private void Publish(string path) => File.WriteAllBytes(
        folder[Manifest.FileName], Manifest.Empty.With([ManifestEntry.Of(path, Path.GetFileName(path), inputs: null)]).ToBytes());

    private int Run(string[] command, params string[] options) =>
        CommandLine.Run([command[0], "--model", SharedFiles.MicroModel, .. command[1..], .. options], terminal.Terminal);

    // Numbers lie behind the header, the first layer's weights first.
    private static void Change(string path, int number, Func<float, float> change)
    {
        byte[] content = File.ReadAllBytes(path);
        int start = sizeof(ulong) + (int)BitConverter.ToUInt64(content);
        Span<float> numbers = MemoryMarshal.Cast<byte, float>(content.AsSpan(start));
        int index = number < 0 ? numbers.Length + number : number;
        numbers[index] = change(numbers[index]);
        File.WriteAllBytes(path, content);
    }
}
