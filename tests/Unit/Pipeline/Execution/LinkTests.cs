using System.Diagnostics;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Execution;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>
/// Links that somebody laid where a run writes under names of its own: what they lead to stays as it was, and the run ends in the same bytes. Folders that are
/// links are the user's way to keep artifacts on another disk.
/// </summary>
public sealed class LinkTests : IDisposable
{
    private const string Stages = "artifacts/demo";

    private static readonly string[] Names =
    [
        $"{Stages}/.holder", $"{Stages}/.hashes.json", $"{Stages}/.tmp..hashes.json", "pipelines/.tmp.demo.lock",
        $"{Stages}/collect/.holder", $"{Stages}/collect/.tmp.manifest.json", $"{Stages}/collect/manifest.json",
        $"{Stages}/collect/rows/.tmp.segment.txt", $"{Stages}/collect/rows/.tmp..progress.json", $"{Stages}/collect/rows/.progress.json", $"{Stages}/collect/rows/.tmp.manifest.json", $"{Stages}/collect/rows/manifest.json",
        $"{Stages}/dataset/.tmp.table.txt", $"{Stages}/dataset/table.txt", $"{Stages}/train/.tmp.model.txt", $"{Stages}/evaluate/.tmp.manifest.json",
    ];

    private static readonly Lazy<SortedDictionary<string, string>> Unharmed = new(() =>
    {
        using DemoPipeline other = new();
        other.Run();
        return other.Tree();
    });

    private readonly DemoPipeline demo = new();

    public LinkTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights on Windows");

    public void Dispose() => demo.Dispose();

    public static TheoryData<string, string> Links => new(from name in Names from kind in (string[])["link", "hard link", "link to nothing", "link to a folder"] select (name, kind));

    [Theory]
    [MemberData(nameof(Links))]
    public void WhatALinkLeadsToStaysAsItWas(string name, string kind)
    {
        Directory.CreateDirectory(demo["mine"]);
        File.WriteAllText(demo["mine/precious"], "content");
        Directory.CreateDirectory(Path.GetDirectoryName(demo[name])!);
        Lay(demo[name], kind);

        // A folder in place of a list or an out is refused, as one that was made there would be.
        if (Record.Exception(() => demo.Run()) is { } refused)
        {
            Assert.True(kind == "link to a folder" && refused is IOException or UnauthorizedAccessException, $"{refused}");
        }
        else
        {
            Assert.All(Unharmed.Value, file => Assert.Equal(file.Value, Convert.ToHexString(File.ReadAllBytes(demo[file.Key]))));
        }

        Assert.Equal(["precious"], Directory.GetFileSystemEntries(demo["mine"]).Select(Path.GetFileName));
        Assert.Equal("content", File.ReadAllText(demo["mine/precious"]));
    }

    [Theory]
    [InlineData($"{Stages}/collect/.lock")]
    [InlineData($"{Stages}/.lock")]
    public void ALockThatIsALinkIsRefused(string name)
    {
        Directory.CreateDirectory(demo["mine"]);
        Directory.CreateDirectory(Path.GetDirectoryName(demo[name])!);
        File.CreateSymbolicLink(demo[name], demo["mine/new"]);

        IOException refused = Assert.Throws<IOException>(() => demo.Run());

        Assert.StartsWith($"{demo[name]}: a link to ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(demo["mine"]));
    }

    [Theory]
    [InlineData("artifacts")]
    [InlineData(Stages)]
    [InlineData($"{Stages}/collect")]
    [InlineData($"{Stages}/collect/rows")]
    public void AFolderThatIsALinkIsTheUsersOwn(string folder)
    {
        Directory.CreateDirectory(demo["elsewhere"]);
        Directory.CreateDirectory(Path.GetDirectoryName(demo[folder])!);
        Directory.CreateSymbolicLink(demo[folder], demo["elsewhere"]);

        Assert.Equal(4, demo.Run().Ran.Count);
        Assert.Empty(demo.Run().Ran);
        Assert.NotEmpty(Directory.GetFileSystemEntries(demo["elsewhere"]));
    }

    /// <summary>A holder is a short line: neither a device without an end nor somebody's secret is shown as one.</summary>
    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("secret")]
    [InlineData("long")]
    [InlineData("pipe")]
    public void AHolderThatNobodyWroteIsNotShown(string kind)
    {
        string folder = Directory.CreateDirectory(demo["held"]).FullName;
        string holder = Path.Combine(folder, ".holder");
        File.WriteAllText(demo["secret"], "my secret");
        switch (kind)
        {
            case "long":
                File.WriteAllText(holder, new string('x', 100_000));
                break;
            case "pipe":
                Process.Start("mkfifo", [holder]).WaitForExit();
                break;
            default:
                File.CreateSymbolicLink(holder, kind == "secret" ? demo["secret"] : kind);
                break;
        }

        Assert.Null(FileLock.HolderOf(folder));
    }

    [Theory]
    [InlineData($"{Stages}/collect/manifest.json")]
    [InlineData($"{Stages}/.hashes.json")]
    public void AListThatIsADeviceIsDamaged(string name)
    {
        demo.Run();
        File.Delete(demo[name]);
        File.CreateSymbolicLink(demo[name], "/dev/zero");

        PipelineStatus.Of(demo.Read(), StageSelection.All, TimeProvider.System);
        Assert.Empty(demo.Run().Ran);
        Assert.True(name.EndsWith(".hashes.json", StringComparison.Ordinal) || new FileInfo(demo[name]).LinkTarget is null);
    }

    private void Lay(string path, string kind)
    {
        string precious = demo["mine/precious"];
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(path, precious);
                break;
            case "hard link":
                Process.Start("ln", [precious, path]).WaitForExit();
                break;
            case "link to nothing":
                File.CreateSymbolicLink(path, demo["mine/new"]);
                break;
            default:
                File.CreateSymbolicLink(path, demo["mine"]);
                break;
        }
    }
}
