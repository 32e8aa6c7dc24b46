namespace AdaptiveKv.Files;

/// <summary>
/// A file that appears under its name whole or not at all: written under a private name in the same folder, flushed to the disk, renamed.
/// Without <see cref="Publish"/> nothing is left behind.
/// </summary>
public sealed class PublishedFile : IDisposable
{
    private readonly string path;
    private readonly string temporary;
    private readonly FileStream stream;
    private bool published;

    /// <summary>Starts a file.</summary>
    /// <param name="path">Where it will be; a file that is there is replaced at the end.</param>
    public PublishedFile(string path)
    {
        this.path = path;
        temporary = $"{path}.{Environment.ProcessId}.tmp";
        stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
    }

    /// <summary>What it will hold.</summary>
    public Stream Content => stream;

    /// <summary>Makes the content durable and gives it its name, in place of a file that has it.</summary>
    public void Publish()
    {
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(temporary, path, overwrite: true);
        published = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!published)
        {
            stream.Dispose();
            File.Delete(temporary);
        }
    }
}
