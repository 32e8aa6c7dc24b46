using System.Diagnostics;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Where libtorch comes from, and what is said where it is not.</summary>
public sealed class TorchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("NUGET_PACKAGES", "run 'dotnet restore' on the source where a network is, or set AKV_TORCH")]
    [InlineData("AKV_TORCH", "AKV_TORCH must name the folder of libtorch")]
    public void WithoutLibtorchTrainSaysSoInOneLine(string variable, string remedy)
    {
        string dataset = folder.PathOf("dataset.parquet"), controller = folder.PathOf("controller.safetensors");
        File.WriteAllText(dataset, "not looked at");
        Dictionary<string, string> hidden = new() { [variable] = folder.PathOf("") };

        Outcome outcome = Akv.RunWith(hidden, "train", "--dataset", dataset, "--controller", controller, "--history", controller + ".h", "--metrics", controller + ".m");

        Assert.Equal((66, string.Empty), (outcome.Code, outcome.Output));
        string error = Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains(remedy, error, StringComparison.Ordinal);
        Assert.False(File.Exists(controller));
        Outcome doctor = Akv.RunWith(hidden, "doctor");
        Assert.Contains($"note  training      {error["error: ".Length..]}", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutLibtorchFisherSaysSoInOneLine()
    {
        Outcome outcome = Akv.RunWith(
            new Dictionary<string, string> { ["NUGET_PACKAGES"] = folder.PathOf("") },
            "fisher", "--model", SharedFiles.MicroModel, "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--costs", folder.PathOf("costs"), "--summary", folder.PathOf("s.json"));

        Assert.Equal((66, string.Empty), (outcome.Code, outcome.Output));
        string error = Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: the stages train and fisher need libtorch", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.PathOf("s.json")));
    }

    [Fact]
    public void WhatIsNoLibraryIsNamed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "names a library of Linux");
        string library = folder.PathOf("libtorch_cpu.so"), dataset = folder.PathOf("dataset.parquet");
        File.WriteAllText(library, "no library");
        File.WriteAllText(dataset, "not looked at");

        Outcome outcome = Akv.RunWith(
            new Dictionary<string, string> { ["AKV_TORCH"] = folder.PathOf("") }, "train", "--dataset", dataset, "--controller", dataset + ".c", "--history", dataset + ".h", "--metrics", dataset + ".m");

        Assert.Equal((74, string.Empty), (outcome.Code, outcome.Output));
        Assert.Contains($"error: {library}: the library does not load", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ACopiedProgramFindsItToo()
    {
        Assert.SkipUnless(Akv.Run("doctor").Output.Contains("ok    training", StringComparison.Ordinal), "needs libtorch");
        string copy = folder.PathOf("copy"), dataset = folder.PathOf("dataset.parquet");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Akv.Program)!))
        {
            Directory.CreateDirectory(copy);
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        File.WriteAllText(dataset, "no table");

        // What is looked at after libtorch was loaded.
        (int code, string output, string error) = Start(
            folder.PathOf(""), Path.Combine(copy, "akv.dll"), "train", "--dataset", dataset, "--controller", "c", "--history", "h", "--metrics", "m");
        Assert.Equal((65, string.Empty), (code, output));
        Assert.Contains($"error: {dataset}: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(copy, "SkiaSharp.dll")), "SkiaSharp is left out");
        Assert.Empty(Directory.GetFiles(folder.PathOf(""), "*torch_cpu*", SearchOption.AllDirectories));
    }

    /// <summary>What MSBuild makes of -p:Torch and of the system, without restoring anything.</summary>
    [Theory]
    [InlineData("cpu", "linux-x64", "TorchSharp", "libtorch-cpu-linux-x64")]
    [InlineData("cpu", "win-x64", "TorchSharp", "libtorch-cpu-win-x64")]
    [InlineData("cpu", "win-arm64", "TorchSharp", "libtorch-cpu-win-arm64")]
    [InlineData("cpu", "osx-arm64", "TorchSharp", "libtorch-cpu-osx-arm64")]
    [InlineData("cpu", "linux-arm64", "TorchSharp", null)]
    [InlineData("cpu", "linux-musl-x64", "TorchSharp", null)]
    [InlineData("cuda-linux", "linux-x64", "TorchSharp-cuda-linux", null)]
    [InlineData("cuda-windows", "win-x64", "TorchSharp-cuda-windows", null)]
    public void TheBuildTakesTheLibrariesOfItsSystemAndChoice(string torch, string system, string package, string? download)
    {
        string project = Path.Combine(SharedFiles.Repository, "src", "Torch", "Torch.csproj");
        JsonElement evaluated = JsonDocument.Parse(Start(
            SharedFiles.Repository, "msbuild", project, $"-p:Torch={torch}", $"-p:NETCoreSdkPortableRuntimeIdentifier={system}",
            "-getItem:PackageReference,PackageDownload", "-getProperty:NuGetLockFilePath,RestoreLockedMode").Output).RootElement;
        JsonElement items = evaluated.GetProperty("Items"), properties = evaluated.GetProperty("Properties");

        Assert.Contains(package, Names("PackageReference"));
        Assert.DoesNotContain(Names("PackageReference"), name => name.StartsWith("TorchSharp", StringComparison.Ordinal) && name != package);
        Assert.Equal(download is null ? [] : [download], Names("PackageDownload"));
        string locks = properties.GetProperty("NuGetLockFilePath").GetString()!.Replace('\\', '/');
        Assert.True(torch == "cpu" ? locks.Length == 0 : locks.EndsWith($"/obj/Torch/packages.{torch}.lock.json", StringComparison.Ordinal), locks);
        Assert.True(torch == "cpu" || properties.GetProperty("RestoreLockedMode").GetString() == "false");

        string[] Names(string kind) => [.. items.GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];
    }

    private static (int Code, string Output, string Error) Start(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Akv.DotNet, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("Torch");
        using Process process = ChildProcess.Start(start);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
