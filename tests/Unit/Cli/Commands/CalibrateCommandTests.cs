using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>On the embedded model: its transform is made, used, and refused where it does not fit.</summary>
public sealed class CalibrateCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-calibrate-").FullName;

    private static string Items => Path.Combine(SharedFiles.Micro, "items_train.jsonl");

    private static string Text => Path.Combine(SharedFiles.Micro, "MODEL_CARD.md");

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_number_of_threads_gives_the_same_bytes(bool items)
    {
        string[] data = ["--data", items ? Items : Text, "--tokens", "500", "--window", "300", "--balance-values"];
        string one = Calibrate("one", [.. data, "--threads", "1"]);
        string two = Calibrate("two", [.. data, "--threads", "2"]);
        string many = Calibrate("many", [.. data, "--threads", "64"]);
        string other = Calibrate("other", [.. data, "--seed", "7"]);

        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(two));
        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(many));
        Assert.NotEqual(File.ReadAllBytes(one), File.ReadAllBytes(other));
        Assert.Equal(["manifest.json", "many", "one", "other", "two"], Directory.GetFiles(folder).Select(Path.GetFileName).Where(file => !file!.StartsWith('.')).Order());
    }

    [Fact]
    public void The_report_names_the_code_and_the_transform()
    {
        string transform = Calibrate("transform", "--data", Items);
        string sha = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(transform)));

        JsonElement code = Evaluate("--transform", transform, "--sinks", "1");

        Assert.Equal("calibrated", code.GetProperty("code").GetString());
        Assert.Equal("clip", code.GetProperty("range").GetString());
        Assert.Equal(sha, code.GetProperty("transform_sha256").GetString());
        Assert.Equal((64, 1, 0), (code.GetProperty("group_size").GetInt32(), code.GetProperty("sinks").GetInt32(), code.GetProperty("recent").GetInt32()));
    }

    [Theory]
    [InlineData("", "hadamard", "clip", 64)]
    [InlineData("--code minmax", "minmax", "minmax", 64)]
    [InlineData("--code minmax --range clip --group 32", "minmax", "clip", 32)]
    [InlineData("--range minmax", "hadamard", "minmax", 64)]
    public void Without_a_transform_the_code_is_rotated_unless_asked_otherwise(string options, string code, string range, int group)
    {
        JsonElement record = Evaluate(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(
            (code, range, group, JsonValueKind.Null),
            (record.GetProperty("code").GetString(), record.GetProperty("range").GetString(), record.GetProperty("group_size").GetInt32(), record.GetProperty("transform_sha256").ValueKind));
    }

    [Fact]
    public void A_transform_of_another_model_is_refused()
    {
        string transform = Calibrate("transform", "--data", Items);

        Fails(ExitCode.BadData, "metadata 'model_sha256': the transform was made for model", Evaluation(Path.Combine(SharedFiles.Micro, "hf"), "--transform", transform));
    }

    [Theory]
    [InlineData("--code calibrated", "--code calibrated: name the transform with --transform")]
    [InlineData("--code minmax --transform t", "--transform t: only --code calibrated uses a transform")]
    [InlineData("--code turbo", "--code: unknown value 'turbo': expected minmax, hadamard or calibrated")]
    [InlineData("--range wide", "--range: unknown value 'wide': expected minmax or clip")]
    [InlineData("--group 48", "group size 48: expected a multiple of 32 that divides the head dimension 64")]
    [InlineData("--sinks -1", "--sinks '-1': expected a whole number from 0 to 65536")]
    public void Codes_that_do_not_exist_are_refused(string options, string words) =>
        Fails(ExitCode.Usage, words, Evaluation(SharedFiles.MicroModel, options.Split(' ')));

    [Fact]
    public void A_missing_transform_is_named() => Fails(ExitCode.MissingInput, "none: no such transform file", Evaluation(SharedFiles.MicroModel, "--transform", "none"));

    [Theory]
    [InlineData("--center false --balance false --rotate false", "nothing of the transform is left")]
    [InlineData("--window 2000", "window 2000: the model's context holds 1024")]
    public void Calibrations_that_make_no_sense_are_refused(string options, string words) =>
        Fails(ExitCode.Usage, words, ["calibrate", "-m", SharedFiles.MicroModel, "--data", Items, "-o", Path.Combine(folder, "x"), .. options.Split(' ')]);

    [Fact]
    public void A_missing_folder_is_made()
    {
        string path = Path.Combine(folder, "none", "x");

        Assert.Equal(ExitCode.Done, CommandLine.Run(["calibrate", "-m", SharedFiles.MicroModel, "--data", Items, "--tokens", "64", "-o", path], terminal.Terminal));
        Assert.True(File.Exists(path));
    }

    private static string[] Evaluation(string model, params string[] options) =>
        ["evaluate", "-m", model, "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--limit", "2", "--policies", "static-4", "--json", .. options];

    private string Calibrate(string name, params string[] options)
    {
        string path = Path.Combine(folder, name);
        Assert.Equal(ExitCode.Done, CommandLine.Run(["calibrate", "-m", SharedFiles.MicroModel, "-o", path, .. options], terminal.Terminal));
        return path;
    }

    private static JsonElement Evaluate(params string[] options)
    {
        using TestTerminal own = new();
        int exit = CommandLine.Run(Evaluation(SharedFiles.MicroModel, options), own.Terminal);
        Assert.True(exit == ExitCode.Done, string.Join('\n', own.ErrorLines));
        return JsonElement.Parse(own.Output).GetProperty("run").GetProperty("code");
    }

    private static void Fails(int code, string words, string[] arguments)
    {
        using TestTerminal own = new();
        Assert.Equal(code, CommandLine.Run(arguments, own.Terminal));
        Assert.Empty(own.Output);
        Assert.Contains(words, own.ErrorLines[^1], StringComparison.Ordinal);
    }
}
