using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>
/// The list of a folder's published files, with their sizes and hashes, and of its own content's hash. What it does not list does not
/// exist for readers.
/// </summary>
public sealed class Manifest
{
    /// <summary>Its file name.</summary>
    public const string FileName = "manifest.json";

    private const int Version = 1;

    private Manifest(IEnumerable<ManifestEntry> entries) => Entries = [.. entries.OrderBy(entry => entry.Path, StringComparer.Ordinal)];

    /// <summary>The files, by path.</summary>
    public IReadOnlyList<ManifestEntry> Entries { get; }

    internal static Manifest Empty { get; } = new([]);

    /// <summary>The file of a path relative to the manifest's folder; null if it is not listed.</summary>
    public ManifestEntry? Find(string path) => Entries.FirstOrDefault(entry => entry.Path == path);

    /// <summary>Whether a file is listed with a content, as made of some inputs.</summary>
    internal bool Lists(string path, string sha256, string inputs) => Find(path) is { } entry && entry.Sha256 == sha256 && entry.Inputs == inputs;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a newer version.</exception>
    internal static Manifest Read(string path)
    {
        // A device or a pipe has no end to read to.
        byte[] content = !File.Exists(path) ? throw new FileNotFoundException($"{path}: no such file")
            : FileStatus.Passing(path) is not null ? throw Damaged(path)
            : File.ReadAllBytes(path);
        Manifest manifest;
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement root = document.RootElement;
            if (root.GetProperty("version").GetInt32() is var version && version != Version)
            {
                throw new InvalidDataException($"{path}: version {version}: expected {Version}; it was made by another version of akv");
            }

            manifest = new Manifest([.. root.GetProperty("files").EnumerateArray().Select(Entry)]);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged(path);
        }

        // What was read must come out as it stood, its hash included: then no bit of it has changed.
        return manifest.ToBytes().AsSpan().SequenceEqual(content) && manifest.Entries.All(entry => entry.IsSound) ? manifest : throw Damaged(path);
    }

    /// <summary>The same; null where there is none or it is damaged.</summary>
    internal static Manifest? TryRead(string path)
    {
        try
        {
            return Read(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>A manifest with these files, in place of those of the same paths.</summary>
    internal Manifest With(IReadOnlyCollection<ManifestEntry> entries) =>
        new(Entries.Where(old => entries.All(entry => entry.Path != old.Path)).Concat(entries));

    internal byte[] ToBytes()
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(ToBytes(hash: null)));
        return ToBytes(hash);
    }

    private byte[] ToBytes(string? hash)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteStartArray("files");
            foreach (ManifestEntry entry in Entries)
            {
                writer.WriteStartObject();
                writer.WriteString("path", entry.Path);
                writer.WriteNumber("bytes", entry.Bytes);
                writer.WriteString("sha256", entry.Sha256);
                if (entry.Inputs is { } inputs)
                {
                    writer.WriteString("inputs", inputs);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (hash is not null)
            {
                writer.WriteString("sha256", hash);
            }

            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static ManifestEntry Entry(JsonElement element) => new(
        element.GetProperty("path").GetString() ?? throw new FormatException("no path"),
        element.GetProperty("bytes").GetInt64(),
        element.GetProperty("sha256").GetString() ?? throw new FormatException("no hash"),
        element.TryGetProperty("inputs", out JsonElement inputs) ? inputs.GetString() : null);

    private static InvalidDataException Damaged(string path) =>
        new($"{path}: the list of published files is damaged: 'akv run' makes it again");
}
