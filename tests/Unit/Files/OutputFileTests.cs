using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using AdaptiveKv.Files;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Files;

/// <summary>A file is there whole or not at all, whatever its path leads to, and nothing else in its folder changes.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFileAppearsWithItsLastByteOnly()
    {
        folder.Write("a", "old");
        using (OutputFile file = new(folder["a"]))
        {
            file.Content.Write("new"u8);
            Assert.Equal("old", File.ReadAllText(folder["a"]));
            file.Complete();
        }

        Assert.Equal("new", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void WhatIsNotCompletedLeavesNothing()
    {
        folder.Write("a", "old");
        Assert.Throws<OperationCanceledException>(() => OutputFile.Write(folder["a"], stream =>
        {
            stream.Write("new"u8);
            throw new OperationCanceledException();
        }));

        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void TwoWritersOfOneFileDoNotMeet()
    {
        using OutputFile first = new(folder["a"]);
        using OutputFile second = new(folder["a"]);
        first.Content.Write("first"u8);
        second.Content.Write("second"u8);
        second.Complete();
        first.Complete();

        Assert.Equal("first", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], Names());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b/../a")]
    public void ALinkStaysAndWhatItLeadsToIsReplaced(string target)
    {
        folder.Write("a", "old");
        Directory.CreateDirectory(folder["b"]);
        File.CreateSymbolicLink(folder["link"], target);
        File.CreateSymbolicLink(folder["b/far"], folder["link"]);

        OutputFile.Write(folder["b/far"], "new");

        Assert.Equal(target, new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(folder["a"]));
        Assert.Null(new FileInfo(folder["a"]).LinkTarget);
    }

    [Fact]
    public void ALinkThatLeadsToNothingYetMakesItsTarget()
    {
        File.CreateSymbolicLink(folder["link"], "later");

        OutputFile.Write(folder["link"], "new");

        Assert.Equal("new", File.ReadAllText(folder["later"]));
        Assert.Equal("later", new FileInfo(folder["link"]).LinkTarget);
    }

    [Fact]
    public void ALinkWithinALinkedFolderIsSeenFromWhereItReallyLies()
    {
        Directory.CreateDirectory(folder["real/inner"]);
        File.CreateSymbolicLink(folder["real/inner/link"], "../a");
        Directory.CreateSymbolicLink(folder["short"], "real/inner");

        OutputFile.Write(folder["short/link"], "new");

        Assert.Equal("new", File.ReadAllText(folder["real/a"]));
    }

    [Fact]
    public void WhatCannotBeWrittenIsRefusedBeforeAndAfterTheWork()
    {
        folder.Write("file", "text");
        File.CreateSymbolicLink(folder["one"], "two");
        File.CreateSymbolicLink(folder["two"], "one");
        File.CreateSymbolicLink(folder["dangling"], "none/a");

        Refused<ArgumentException>(folder.Path, "is a folder");
        Refused<ArgumentException>(folder["new/"], "is a folder");
        Refused<ArgumentException>(string.Empty, "is no path");
        Refused<DirectoryNotFoundException>(folder["none/a"], $"the folder {folder["none"]} does not exist: create it first");
        Refused<DirectoryNotFoundException>(folder["dangling"], $"the folder {folder["none"]} does not exist: create it first");
        Refused<DirectoryNotFoundException>(folder["file/a"], "is a file");
        Refused<IOException>(folder["one"], "leads in a circle");
        Assert.Equal("text", File.ReadAllText(folder["file"]));
        Assert.Equal(["dangling", "file", "one", "two"], Names());
    }

    [Fact]
    public void RequiringLeavesAFileAsItIs()
    {
        folder.Write("a", "old");

        Assert.Equal(folder["a"], OutputFile.Require(folder["a"]));
        OutputFile.Require(folder["b"]);

        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void TheBitsOfAFileAreKept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such bits");
        folder.Write("a", "old");
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherWrite;
        File.SetUnixFileMode(folder["a"], Mode);

        OutputFile.Write(folder["a"], "new");

        Assert.Equal(Mode, File.GetUnixFileMode(folder["a"]));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void AWriteProtectedFileOrFolderIsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such bits");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "nothing is protected from root");
        folder.Write("a", "old");
        File.SetUnixFileMode(folder["a"], UnixFileMode.UserRead);
        Directory.CreateDirectory(folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Refused<UnauthorizedAccessException>(folder["a"], "write-protected");
        Refused<UnauthorizedAccessException>(folder["closed/a"], "permission denied");
        Assert.Equal("old", File.ReadAllText(folder["a"]));
    }

    [Fact]
    public void ANameAsLongAsANameMayBeIsWritten()
    {
        string name = new('x', 255);

        OutputFile.Write(folder[name], "new");

        Assert.Equal([name], Names());
        Refused<IOException>(folder[name + "x"], "too long");
    }

    [Fact]
    public void DevicesAreWrittenThrough()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no device files");
        OutputFile.Write("/dev/null", "gone");

        Assert.False(OutputFile.IsKept("/dev/null"));
        Assert.Equal(0, new FileInfo("/dev/null").Length);
        Assert.Equal(FileAttributes.None, File.GetAttributes("/dev/null") & FileAttributes.ReparsePoint);
        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }

    [Fact]
    public void AFullDeviceIsAFullDisk()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        const int NoSpace = 28;

        Assert.Equal(NoSpace, Assert.Throws<IOException>(() => OutputFile.Write("/dev/full", "much")).HResult);
    }

    [Fact]
    public async Task APipesReaderGetsTheContent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes are told from files by statx");
        using (Process make = Process.Start("mkfifo", [folder["pipe"]]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        // Opening waits for the other side.
        Task<string> reader = Task.Run(() => File.ReadAllText(folder["pipe"]), TestContext.Current.CancellationToken);
        OutputFile.Require(folder["pipe"]);
        OutputFile.Write(folder["pipe"], "through");

        Assert.Equal("through", await reader);
        Assert.Equal(PathKind.Pipe, FileStatus.Of(folder["pipe"])?.Kind);
        Assert.Equal(["pipe"], Names());
    }

    [Fact]
    public void AnOpenFileIsGoneOnWithWhereItStands()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's");
        folder.Write("log", "before\n");
        using (FileStream log = new(folder["log"], FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            OutputFile.Write($"/proc/self/fd/{log.SafeFileHandle.DangerousGetHandle()}", "through\n");
        }

        Assert.Equal("before\nthrough\n", File.ReadAllText(folder["log"]));
        Assert.Equal(["log"], Names());
    }

    // Somebody may have put a link there, where this program's own files would be.
    [Fact]
    public void APrivateNameIsNeverFollowed()
    {
        folder.Write("victim", "precious");
        File.CreateSymbolicLink(DurableFile.TemporaryOf(folder["a"]), folder["victim"]);
        DurableFile.Replace(folder["a"], Encoding.UTF8.GetBytes("new"));
        File.CreateSymbolicLink(folder[".holder"], folder["victim"]);
        FileLock.Acquire(folder.Path, "a test", TimeSpan.Zero).Dispose();

        Assert.Equal("new", File.ReadAllText(folder["a"]));
        Assert.Equal("precious", File.ReadAllText(folder["victim"]));
        Assert.Equal([".lock", "a", "victim"], Names());
    }

    private static void Refused<T>(string path, string problem)
        where T : Exception
    {
        Assert.Contains(problem, Assert.Throws<T>(() => OutputFile.Require(path)).Message, StringComparison.Ordinal);
        Assert.Contains(problem, Assert.Throws<T>(() => OutputFile.Write(path, "x")).Message, StringComparison.Ordinal);
    }

    private string[] Names() => [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
