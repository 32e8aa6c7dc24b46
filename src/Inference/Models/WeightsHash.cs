using System.Security.Cryptography;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models;

/// <summary>The hash that names a model in logs and results.</summary>
internal static class WeightsHash
{
    /// <summary>SHA-256 over the files one after the other, lower-case hex; for one file what sha256sum prints.</summary>
    public static string Of(IEnumerable<ModelFile> files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ModelFile file in files)
        {
            file.AppendTo(hash);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
