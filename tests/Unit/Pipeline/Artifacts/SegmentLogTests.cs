using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Artifacts;

public sealed class SegmentLogTests : IDisposable
{
    private readonly TemporaryFolder stage = new();
    private readonly List<string> notes = [];
    private readonly string folder;

    // The folder above is the test's own too: a manifest there would count.
    public SegmentLogTests() => folder = Directory.CreateDirectory(stage["rows"]).FullName;

    public void Dispose() => stage.Dispose();

    [Fact]
    public void TheLastSegmentHoldsWhatIsLeft() =>
        Assert.Equal([new(0, 0, 4), new(1, 4, 4), new(2, 8, 2)], Open("x").Remaining(10, 4));

    [Fact]
    public void NoItemsAreNoSegments() => Assert.Empty(Open("x").Remaining(0, 4));

    [Fact]
    public void AnUnfinishedRunGoesOnAfterItsLastSegment()
    {
        SegmentLog first = Open("x");
        Write(first, 2);

        SegmentLog second = Open("x");

        Assert.Equal(2, second.Committed);
        Assert.Equal(2, SegmentLog.CommittedIn(folder, "x"));
        Assert.Equal(2, second.Remaining(10, 4).First().Index);
    }

    [Fact]
    public void OtherInputsBeginAnew()
    {
        Write(Open("x"), 2);

        Assert.Equal(0, Open("y").Committed);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void ASegmentThatFailsLeavesNothing()
    {
        SegmentLog log = Open("x");
        Write(log, 1);

        Assert.Throws<IOException>(() => log.Commit(log.Remaining(10, 4).First(), path =>
        {
            File.WriteAllText(path, "half");
            throw new IOException("disk full");
        }));

        Assert.Equal(1, Open("x").Committed);
        Assert.Empty(Directory.GetFiles(folder, ".tmp*"));
    }

    [Fact]
    public void ADamagedSegmentAndThoseAfterItAreMadeAgain()
    {
        Write(Open("x"), 3);
        File.AppendAllText(Directory.GetFiles(folder, "000001-*").Single(), "!");

        Assert.Equal(1, Open("x").Committed);
        Assert.Contains("segment 1 and those after it are made again", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Equal(["000000"], Directory.GetFiles(folder, "0*").Select(path => Path.GetFileName(path)[..6]));
    }

    [Fact]
    public void PublishedSegmentsStayUntilNewOnesArePublished()
    {
        SegmentLog old = Open("x");
        Write(old, 3);
        File.WriteAllBytes(Path.Combine(folder, Manifest.FileName), old.ToManifest());
        SegmentLog.Finish(folder);
        string[] published = Directory.GetFiles(folder, "0*");

        SegmentLog next = Open("y");
        Write(next, 3, "other");
        Assert.Equal(6, Directory.GetFiles(folder, "0*").Length);
        Assert.Equal(published.Order(), ArtifactReader.Open(folder).Select(file => file.Path));

        File.WriteAllBytes(Path.Combine(folder, Manifest.FileName), next.ToManifest());
        SegmentLog.Finish(folder);

        Assert.Equal(3, Directory.GetFiles(folder, "0*").Length);
        Assert.Equal(4, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void SegmentsAreWrittenInOrder()
    {
        SegmentLog log = Open("x");

        Assert.Throws<ArgumentOutOfRangeException>(() => log.Commit(new SegmentRange(1, 4, 4), _ => { }));
    }

    private static void Write(SegmentLog log, int count, string content = "rows")
    {
        foreach (SegmentRange segment in log.Remaining(12, 4).Take(count).ToArray())
        {
            log.Commit(segment, path => File.WriteAllText(path, $"{content} {segment}"));
        }
    }

    private SegmentLog Open(string inputs) => new(folder, inputs, ".txt", notes.Add);
}
