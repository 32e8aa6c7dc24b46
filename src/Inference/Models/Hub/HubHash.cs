using System.Security.Cryptography;
using System.Text;

namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>
/// The hash by which the hub names a file's content in its entity tag: SHA-256 of a large file, else the SHA-1 that git gives it as a blob.
/// </summary>
/// <param name="Hex">Lower-case hex digits.</param>
internal sealed record HubHash(string Hex)
{
    private const int BufferBytes = 1 << 20;

    private string Name => Hex.Length == SHA256.HashSizeInBytes * 2 ? "SHA-256" : "git SHA-1";

    /// <summary>The hash in an entity tag ("..." or W/"..."); null where it holds none.</summary>
    public static HubHash? FromTag(string? tag)
    {
        string hex = (tag ?? "").Replace("W/", "", StringComparison.Ordinal).Trim('"').ToLowerInvariant();
        return hex.Length is SHA256.HashSizeInBytes * 2 or SHA1.HashSizeInBytes * 2 && hex.All(char.IsAsciiHexDigit)
            ? new HubHash(hex)
            : null;
    }

    /// <summary>The same kind of hash over a stream, from its start.</summary>
    public async Task<HubHash> OfAsync(Stream content, CancellationToken cancellation)
    {
        bool large = Hex.Length == SHA256.HashSizeInBytes * 2;
        using IncrementalHash hash = IncrementalHash.CreateHash(large ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (!large)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        }

        content.Position = 0;
        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        return new HubHash(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Kind and digits.</summary>
    public override string ToString() => $"{Name} {Hex}";
}
