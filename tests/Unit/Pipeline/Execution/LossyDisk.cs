using System.Globalization;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>
/// A disk that loses its power: what was flushed is there (bytes by the flush of their file, names by the flush of their folder), and of all that came
/// later any part may be, in any order.
/// </summary>
internal sealed class LossyDisk
{
    private readonly Dictionary<string, Node> now = [];
    private readonly Dictionary<string, Node> kept;
    private readonly List<(string Folder, string? Gone, string? Path, Node? Node)> names = [];
    private readonly HashSet<Node> dirty = [];

    /// <param name="root">What is there at the start, and flushed.</param>
    public LossyDisk(string root)
    {
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(file);
            now[file] = new Node { Content = content, Kept = content };
        }

        kept = new(now);
    }

    /// <summary>Names and contents that may or may not be there after a failure now.</summary>
    public int Pending => names.Count + dirty.Count;

    public void Do(DiskOperation operation)
    {
        (string verb, string path, string other) = operation;
        switch (verb)
        {
            case "mkdir":
                break;
            case "create":
                now[path] = new Node();
                names.Add((Path.GetDirectoryName(path)!, null, path, now[path]));
                break;
            case "rename":
                now[other] = now[path];
                now.Remove(path);
                names.Add((Path.GetDirectoryName(other)!, path, other, now[other]));
                break;
            case "unlink":
                now.Remove(path);
                names.Add((Path.GetDirectoryName(path)!, path, null, null));
                break;
            case "fsync" when now.TryGetValue(path, out Node? file):
                file.Kept = file.Content;
                dirty.Remove(file);
                break;
            case "fsync":
                foreach ((string _, string? gone, string? name, Node? node) in names.Where(change => change.Folder == path).ToArray())
                {
                    Apply(kept, gone, name, node);
                }

                names.RemoveAll(change => change.Folder == path);
                break;
            default:
                Node written = now[path];
                written.Content = verb == "write" ? Written(written.Content, other) : [.. written.Content.Take(int.Parse(other, CultureInfo.InvariantCulture))];
                dirty.Add(written);
                break;
        }
    }

    /// <summary>The files after a failure now.</summary>
    /// <param name="survives">Which of the pending names and contents are there, by their number.</param>
    public SortedDictionary<string, byte[]> After(Func<int, bool> survives)
    {
        Dictionary<string, Node> files = new(kept);
        foreach ((_, (string _, string? gone, string? name, Node? node)) in names.Index().Where(change => survives(change.Index)))
        {
            Apply(files, gone, name, node);
        }

        Node[] written = [.. dirty];
        return new(files.ToDictionary(
            file => file.Key,
            file => Array.IndexOf(written, file.Value) is >= 0 and var index && survives(names.Count + index) ? file.Value.Content : file.Value.Kept), StringComparer.Ordinal);
    }

    /// <summary>The files after a kill in the middle of a write that comes now.</summary>
    public SortedDictionary<string, byte[]> Torn(DiskOperation write)
    {
        SortedDictionary<string, byte[]> files = After(_ => true);
        int start = write.Other.IndexOf(':') + 1;
        files[write.Path] = Written(files[write.Path], write.Other[..(start + ((write.Other.Length - start) / 4 * 2))]);
        return files;
    }

    private static void Apply(Dictionary<string, Node> files, string? gone, string? name, Node? node)
    {
        // A rename moves what it was, though its earlier name may have been lost.
        if (gone is not null)
        {
            files.Remove(gone);
        }

        if (name is not null)
        {
            files[name] = node!;
        }
    }

    private static byte[] Written(byte[] content, string write)
    {
        string[] parts = write.Split(':');
        int offset = int.Parse(parts[0], CultureInfo.InvariantCulture);
        byte[] bytes = Convert.FromHexString(parts[1]);
        byte[] longer = new byte[Math.Max(content.Length, offset + bytes.Length)];
        content.CopyTo(longer, 0);
        bytes.CopyTo(longer, offset);
        return longer;
    }

    private sealed class Node
    {
        public byte[] Content { get; set; } = [];

        public byte[] Kept { get; set; } = [];
    }
}
