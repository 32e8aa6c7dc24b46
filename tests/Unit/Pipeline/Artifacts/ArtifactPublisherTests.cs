using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Artifacts;

public sealed class ArtifactPublisherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void NothingAppearsUntilAllIsPublished()
    {
        using ArtifactPublisher publisher = new(folder.Path);
        File.WriteAllText(publisher.Reserve("a.txt"), "a");
        File.WriteAllText(publisher.Reserve("b.txt"), "b");
        Assert.False(File.Exists(folder["a.txt"]));

        publisher.Publish("inputs");

        Assert.Equal(["a.txt", "b.txt", Manifest.FileName], Names());
        Assert.Equal("b", File.ReadAllText(folder["b.txt"]));
        Assert.Equal("inputs", Manifest.Read(folder[Manifest.FileName]).Find("a.txt")!.Inputs);
    }

    [Fact]
    public void WhatIsNotPublishedIsThrownAway()
    {
        Publish("a.txt", "old");
        using (ArtifactPublisher publisher = new(folder.Path))
        {
            File.WriteAllText(publisher.Reserve("a.txt"), "new");
        }

        Assert.Equal(["a.txt", Manifest.FileName], Names());
        Assert.Equal("old", File.ReadAllText(folder["a.txt"]));
        ArtifactReader.Open(folder["a.txt"]);
    }

    [Fact]
    public void TheNextOneCompletesRenamesThatAKillPrevented()
    {
        Publish("a.txt", "new");
        // As a process leaves it that is killed between its manifest and its renames.
        File.Move(folder["a.txt"], DurableFile.TemporaryOf(folder["a.txt"]));
        File.WriteAllText(folder["a.txt"], "old");
        File.WriteAllText(DurableFile.TemporaryOf(folder["b.txt"]), "half of somethi");
        Assert.Contains("a run was stopped just before", Assert.Throws<InvalidDataException>(() => ArtifactReader.Open(folder["a.txt"])).Message, StringComparison.Ordinal);

        using ArtifactPublisher publisher = new(folder.Path);

        Assert.Equal(["a.txt", Manifest.FileName], Names());
        Assert.Equal("new", File.ReadAllText(folder["a.txt"]));
    }

    [Fact]
    public void ArtifactsThatAreNotReplacedStayListedInASharedFolder()
    {
        Publish("a.txt", "a", isShared: true);
        Publish("b.txt", "b", isShared: true);

        Assert.Equal(["a.txt", "b.txt"], Manifest.Read(folder[Manifest.FileName]).Entries.Select(entry => entry.Path));
        Assert.Equal("a", File.ReadAllText(ArtifactReader.Open(folder["a.txt"])[0].Path));

        Publish("b.txt", "b");

        Assert.Equal(["b.txt"], Manifest.Read(folder[Manifest.FileName]).Entries.Select(entry => entry.Path));
    }

    private void Publish(string name, string content, bool isShared = false)
    {
        using ArtifactPublisher publisher = new(folder.Path, isShared);
        File.WriteAllText(publisher.Reserve(name), content);
        publisher.Publish("inputs");
    }

    private IEnumerable<string> Names() => Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Order();
}
