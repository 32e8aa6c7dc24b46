using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>JSON that carries the hash of its own content. What is read must come out as it stood, its hash included: then no bit of it has changed.</summary>
internal static class SealedJson
{
    /// <summary>The bytes of a document, the same for the same content.</summary>
    public static byte[] ToBytes<T>(T content, JsonTypeInfo<Sealed<T>> type)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new Sealed<T>(content, null), type)));
        return JsonSerializer.SerializeToUtf8Bytes(new Sealed<T>(content, hash), type);
    }

    /// <summary>The content of a file.</summary>
    /// <returns>Null where it is not as it was written, or no such document.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static T? TryRead<T>(string path, JsonTypeInfo<Sealed<T>> type)
        where T : class
    {
        // A device or a pipe has no end to read to.
        byte[] bytes = FileStatus.Passing(path) is null ? File.ReadAllBytes(path) : [];
        try
        {
            return JsonSerializer.Deserialize(bytes, type) is { Content: { } content } && ToBytes(content, type).AsSpan().SequenceEqual(bytes) ? content : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What <see cref="SealedJson"/> writes.</summary>
/// <param name="Content">The document.</param>
/// <param name="Sha256">The hash, in lower-case hex, of the same without it.</param>
internal sealed record Sealed<T>(T Content, string? Sha256 = null);
