using System.Diagnostics;
using System.IO.Compression;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The packages are made, and what README and the how-tos show of C# compiles with them alone, and README's first lines run, in a folder that knows nothing of this repository.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task WhatReadmeShowsRunsWithThePackages()
    {
        foreach (string name in (string[])["AdaptiveKv", "AdaptiveKv.Extensions.AI", "AdaptiveKv.ML"])
        {
            (int packed, string said) = await Run(SharedFiles.Repository, "pack", "-c", "Release", "--no-build", "-nologo", "-o", folder.PathOf("feed"), $"eng/packages/{name}/{name}.csproj");
            Assert.True(packed == 0, said);
            using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder.PathOf("feed"), $"{name}.?.*.nupkg").Single());
            string[] entries = [.. package.Entries.Select(entry => entry.FullName)];
            Assert.Contains("README.md", entries);
            Assert.Equal(name == "AdaptiveKv" ? 2 : 0, entries.Count(entry => entry.StartsWith("contentFiles/any/any/controllers/", StringComparison.Ordinal)));
            Assert.All(entries.Where(entry => entry.EndsWith(".dll", StringComparison.Ordinal)), dll => Assert.Contains(Path.ChangeExtension(dll, ".xml").Replace('\\', '/'), entries));
        }

        // Restored from what was just packed, and for all else from what this build was restored from: no network.
        string known = (string)AppContext.GetData("AdaptiveKv.PackageFolder")!;
        Write("NuGet.config", $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="feed" /></packageSources>
              <fallbackPackageFolders><clear /><add key="known" value="{known}" /></fallbackPackageFolders>
            </configuration>
            """);
        string lines = Assert.Single(Blocks("README.md"));
        Assert.Equal(8, lines.Split('\n').Count(line => line.Length > 0));

        Project("Reader", "AdaptiveKv", lines);
        Directory.CreateDirectory(folder.PathOf("Reader/models"));
        File.Copy(SharedFiles.MicroModel, folder.PathOf("Reader/models/SmolLM2-135M-Instruct.Q4_1.gguf"));
        (int code, string output) = await Run(folder.PathOf("Reader"), "run", "-c", "Release");
        Assert.True(code == 0, output);
        Assert.Matches(@"\n\d+\.\d\d bits for each number in the cache", output);
        Assert.Equal(2, Directory.GetFiles(folder.PathOf("Reader/bin"), "*.safetensors", SearchOption.AllDirectories).Count(file => file.Contains("controllers", StringComparison.Ordinal)));

        // What needs files of a training is compiled only.
        string[] shown = Blocks("docs/how-to.md");
        foreach ((string name, string package, string program) in ((string, string, string)[])
            [
                ("Batcher", "AdaptiveKv", $"using AdaptiveKv.Inference;\nint[] firstPrompt = [1], secondPrompt = [1];\nint firstToken = 1, secondToken = 1;\n{shown[0]}"),
                ("Decoder", "AdaptiveKv", shown[1]),
                ("Talker", "AdaptiveKv.Extensions.AI", shown[2]),
                ("Trainer", "AdaptiveKv.ML", $"using AdaptiveKv.Data.Views;\nusing AdaptiveKv.Training;\nusing Microsoft.ML;\n{shown[3]}"),
            ])
        {
            Project(name, package, program);
            (code, output) = await Run(folder.PathOf(name), "build", "-c", "Release", "-nologo");
            Assert.True(code == 0, output);
        }
    }

    [Fact]
    public async Task TheToolIsInstalledAndRuns()
    {
        (int code, string output) = await Run(SharedFiles.Repository, "pack", "-c", "Release", "--no-build", "-nologo", "-o", folder.PathOf("tools"), "src/Cli/Cli.csproj");
        Assert.True(code == 0, output);
        Write("NuGet.config", "<configuration><packageSources><clear /><add key=\"tools\" value=\"tools\" /></packageSources></configuration>");
        (code, output) = await Run(folder.PathOf(""), "tool", "install", "akv", "--tool-path", folder.PathOf("bin"), "--configfile", folder.PathOf("NuGet.config"));
        Assert.True(code == 0, output);

        using Process akv = ChildProcess.Start(new ProcessStartInfo(folder.PathOf("bin/akv"), ["policies"]) { RedirectStandardOutput = true, WorkingDirectory = folder.PathOf("") });
        Assert.Contains("static-N", await akv.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        await akv.WaitForExitAsync();
        Assert.Equal(0, akv.ExitCode);
    }

    private static string[] Blocks(string document) =>
        [.. File.ReadAllText(Path.Combine(SharedFiles.Repository, document)).Split("```csharp\n").Skip(1).Select(block => block.Split("```")[0])];

    private void Project(string name, string package, string program)
    {
        Write($"{name}/{name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>../restored</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="{package}" Version="*" /></ItemGroup>
            </Project>
            """);
        Write($"{name}/Program.cs", program);
    }

    private void Write(string name, string text) => folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private static async Task<(int Code, string Output)> Run(string where, params string[] arguments)
    {
        ProcessStartInfo start = new(Akv.DotNet, arguments) { WorkingDirectory = where, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = ChildProcess.Start(start);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output + await error);
    }
}
