using System.Security.Cryptography;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>A published file.</summary>
/// <param name="Path">Relative to the manifest's folder, with forward slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The hash of its content in lower-case hex.</param>
/// <param name="Inputs">The hash of everything it was made of; null where another manifest says it.</param>
public sealed record ManifestEntry(string Path, long Bytes, string Sha256, string? Inputs = null)
{
    private const int HashLength = 12;

    /// <summary>Whether it can be what it says: a list may come from a stranger, with paths that lead elsewhere.</summary>
    internal bool IsSound =>
        Path.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.AsSpan().IndexOfAny('\\', ':', '\0') < 0)
        && Bytes >= 0
        && Sha256.Length == 2 * SHA256.HashSizeInBytes
        && Sha256.All(char.IsAsciiHexDigitLower);

    /// <summary>What a manifest says about a file.</summary>
    internal static ManifestEntry Of(string path, string name, string? inputs) => new(name, new FileInfo(path).Length, FileHash.Of(path), inputs);

    /// <summary>The same of a segment, whose name is made of its number and its content.</summary>
    internal static ManifestEntry OfSegment(string path, int index, string extension, string inputs)
    {
        ManifestEntry entry = Of(path, string.Empty, inputs);
        return entry with { Path = $"{index:D6}-{entry.Sha256[..HashLength]}{extension}" };
    }
}
