using System.Security.Cryptography;
using System.Text;

namespace AdaptiveKv.Data.Tasks;

/// <summary>The bytes of a text file a user named, with clear words for what is no text.</summary>
/// <param name="Path">As the user named it.</param>
/// <param name="Content">Its bytes without a byte order mark.</param>
/// <param name="Sha256">SHA-256 of the whole file, lower-case hexadecimal.</param>
internal sealed record DataFile(string Path, ReadOnlyMemory<byte> Content, string Sha256)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="path">The file.</param>
    /// <param name="expected">What the file should hold, to end an error message.</param>
    public static DataFile Read(string path, string expected)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(Directory.Exists(path) ? $"{path}: this is a folder, not a file: {expected}" : $"{path}: no such data file", path);
        }

        byte[] content = File.ReadAllBytes(path);
        if (BinaryKind(content) is { } kind)
        {
            throw new InvalidDataException($"{path}: this is {kind}, not text: {expected}");
        }

        int mark = content.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        return new DataFile(path, content.AsMemory(mark), Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>The text of some of the file's bytes; null where they are not UTF-8.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string? BinaryKind(ReadOnlySpan<byte> content) => content switch
    {
        _ when content.StartsWith("PAR1"u8) => "a Parquet file",
        _ when content.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) => "a gzip archive",
        _ when content.StartsWith("PK\x03\x04"u8) => "a zip archive",
        _ when content.StartsWith("GGUF"u8) => "a GGUF model",
        _ when content[..Math.Min(content.Length, 4096)].Contains((byte)0) => "a binary file",
        _ => null,
    };
}
