using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>
/// The output of long work, in immutable segments of some items each. Each segment is committed when it is whole, so a kill costs at most one,
/// and the next run with the same inputs goes on after the last. The segments are named by their content: those of an earlier, published run lie
/// untouched beside new ones until the new ones are all published.
/// </summary>
internal sealed partial class SegmentLog : ISegmentLog
{
    private const string ProgressName = ".progress.json";
    private readonly string folder;
    private readonly string inputs;
    private readonly string extension;
    private readonly List<ManifestEntry> segments = [];

    /// <param name="folder">Is created where it is missing. The caller holds its lock.</param>
    /// <param name="inputs">The hash of everything that the segments are made of.</param>
    /// <param name="extension">Of the segments' names: ".parquet".</param>
    /// <param name="note">Hears of committed segments that cannot be used.</param>
    public SegmentLog(string folder, string inputs, string extension, Action<string> note)
    {
        (this.folder, this.inputs, this.extension) = (folder, inputs, extension);
        DurableFolder.Create(folder);
        Resume(note);
        RemoveUnlisted();
    }

    /// <inheritdoc/>
    public int Committed => segments.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => [.. segments.Select(segment => Path.Combine(folder, segment.Path))];

    /// <inheritdoc/>
    public SegmentRange Own(long items, long itemsPerSegment) => new(0, 0, items);

    /// <inheritdoc/>
    public IEnumerable<SegmentRange> Remaining(long items, long itemsPerSegment)
    {
        for (int index = Committed; index * itemsPerSegment < items; index++)
        {
            yield return SegmentRange.Of(index, items, itemsPerSegment);
        }
    }

    /// <inheritdoc/>
    public void Commit(SegmentRange segment, Action<string> write)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(segment.Index, Committed);
        string temporary = DurableFile.TemporaryOf(Path.Combine(folder, $"segment{extension}"));
        File.Delete(temporary);
        try
        {
            write(temporary);
            DurableFile.Flush(temporary);
            ManifestEntry entry = ManifestEntry.OfSegment(temporary, segment.Index, extension, inputs);
            DurableFile.Rename(temporary, Path.Combine(folder, entry.Path));
            DurableFile.Replace(Path.Combine(folder, ProgressName), Manifest.Empty.With([.. segments, entry]).ToBytes());
            segments.Add(entry);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Commits segments that shards have written elsewhere on the same disk, all of them, as if a run had been stopped after the last.</summary>
    /// <param name="folder">Of the out. The caller holds its lock.</param>
    /// <param name="from">The folder that they lie in.</param>
    /// <param name="entries">In their order.</param>
    public static void Adopt(string folder, string from, IReadOnlyCollection<ManifestEntry> entries)
    {
        DurableFolder.Create(folder);
        foreach (ManifestEntry entry in entries)
        {
            DurableFile.TryLink(Path.Combine(from, entry.Path), Path.Combine(folder, entry.Path));
        }

        DurableFile.Replace(Path.Combine(folder, ProgressName), Manifest.Empty.With(entries).ToBytes());
    }

    /// <summary>Whether a folder holds nothing but what stages leave in one: published segments, or those of a run that was stopped.</summary>
    public static bool IsOnlyOneIn(string folder) => Directory.EnumerateFileSystemEntries(folder)
        .Select(path => Path.GetFileName(path))
        .All(name => name is ProgressName or Manifest.FileName || SegmentName().IsMatch(name) || DurableFile.IsTemporary(name));

    /// <summary>How many segments an unfinished run with the same inputs has committed in a folder.</summary>
    public static int CommittedIn(string folder, string inputs) =>
        (Manifest.TryRead(Path.Combine(folder, ProgressName)) ?? Manifest.Empty).Entries.Count(entry => entry.Inputs == inputs);

    /// <summary>The folder's own manifest: like the segments, it depends on their content only.</summary>
    public byte[] ToManifest() => Manifest.Empty.With([.. segments.Select(segment => segment with { Inputs = null })]).ToBytes();

    /// <summary>Removes the record of progress and superseded segments of a folder whose manifest is published.</summary>
    public static void Finish(string folder)
    {
        File.Delete(Path.Combine(folder, ProgressName));
        RemoveSegments(folder, Manifest.Read(Path.Combine(folder, Manifest.FileName)).Entries);
        // Once the stage is recorded nobody looks for them any more.
        DurableFolder.Flush(folder);
    }

    /// <inheritdoc/>
    public void Discard() => File.Delete(Path.Combine(folder, ProgressName));

    /// <summary>Writes a folder's lost or damaged manifest again, if the segments that are there are those of the one with a hash.</summary>
    /// <returns>Whether it was written.</returns>
    public static bool Restore(string folder, string sha256)
    {
        string path = Path.Combine(folder, Manifest.FileName);
        if (!Directory.Exists(folder) || (File.Exists(path) && FileHash.Of(path) == sha256))
        {
            return false;
        }

        IEnumerable<string> there = Directory.GetFiles(folder).Where(segment => SegmentName().IsMatch(Path.GetFileName(segment)));
        byte[] content = Manifest.Empty.With([.. there.Select(segment => ManifestEntry.Of(segment, Path.GetFileName(segment), inputs: null))]).ToBytes();
        bool isSame = Convert.ToHexStringLower(SHA256.HashData(content)) == sha256;
        if (isSame)
        {
            DurableFile.Replace(path, content);
        }

        return isSame;
    }

    private void Resume(Action<string> note)
    {
        Manifest progress = Manifest.TryRead(Path.Combine(folder, ProgressName)) ?? Manifest.Empty;
        foreach (ManifestEntry entry in progress.Entries.TakeWhile(entry => entry.Inputs == inputs))
        {
            try
            {
                VerifiedFile.Open(Path.Combine(folder, entry.Path), entry);
            }
            catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
            {
                note($"segment {Committed} and those after it are made again: {exception.Message}");
                return;
            }

            segments.Add(entry);
        }
    }

    // A published list that is damaged vouches for no segment, but then none is in the way either.
    private void RemoveUnlisted()
    {
        DurableFile.RemoveTemporaries(folder);
        if (segments.Count == 0)
        {
            File.Delete(Path.Combine(folder, ProgressName));
        }

        string published = Path.Combine(folder, Manifest.FileName);
        if (!File.Exists(published) || Manifest.TryRead(published) is not null)
        {
            RemoveSegments(folder, [.. segments, .. (Manifest.TryRead(published) ?? Manifest.Empty).Entries]);
        }
    }

    private static void RemoveSegments(string folder, IEnumerable<ManifestEntry> except)
    {
        HashSet<string> kept = [.. except.Select(entry => entry.Path)];
        foreach (string path in Directory.GetFiles(folder))
        {
            string name = Path.GetFileName(path);
            if (SegmentName().IsMatch(name) && !kept.Contains(name))
            {
                File.Delete(path);
            }
        }
    }

    [GeneratedRegex("^[0-9]{6}-[0-9a-f]{12}")]
    private static partial Regex SegmentName();
}
