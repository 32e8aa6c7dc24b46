using System.Security.Cryptography;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>SHA-256 of files, in lower-case hex.</summary>
internal static class FileHash
{
    /// <summary>The hash of a file's content.</summary>
    public static string Of(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The hash of a UTF-8 text.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>What a manifest says about a file.</summary>
    public static ManifestEntry Entry(string path, string name, string? inputs) => new(name, new FileInfo(path).Length, Of(path), inputs);
}
