using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>A published file whose content was just found to be what its manifest says.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The hash of its content in lower-case hex.</param>
public sealed record VerifiedFile(string Path, long Bytes, string Sha256)
{
    /// <exception cref="FileNotFoundException">It is listed, but not there.</exception>
    /// <exception cref="InvalidDataException">Its content is not what the manifest says.</exception>
    internal static VerifiedFile Open(string path, ManifestEntry entry)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file, though its manifest lists it: 'akv run' makes it again");
        }

        long bytes = new FileInfo(path).Length;
        if (bytes != entry.Bytes)
        {
            throw Damaged(path, $"{bytes:N0} bytes instead of {entry.Bytes:N0}", entry);
        }

        string hash = FileHash.Of(path);
        return hash == entry.Sha256
            ? new VerifiedFile(path, bytes, hash)
            : throw Damaged(path, $"SHA-256 {hash[..12]}... instead of {entry.Sha256[..12]}...", entry);
    }

    private static InvalidDataException Damaged(string path, string difference, ManifestEntry entry)
    {
        string successor = DurableFile.TemporaryOf(path);
        string problem = File.Exists(successor) && FileHash.Of(successor) == entry.Sha256
            ? "a run was stopped just before it replaced this file: 'akv run' completes that"
            : $"not as it was published ({difference}): it is damaged or was edited; make it again with 'akv run -f STAGE'";
        return new InvalidDataException($"{path}: {problem}");
    }
}
