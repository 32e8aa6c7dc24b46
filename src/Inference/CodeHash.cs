using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference;

/// <summary>Names a code by what it does: keys and values of two sessions mean the same where their codes have one hash.</summary>
internal static class CodeHash
{
    /// <summary>SHA-256 over ranges, groups, transform and bits by lane, lower-case hex.</summary>
    public static string Of(KvCacheOptions code, CacheShape shape)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        KvTransform transform = code.Transform ?? KvTransform.Identity(shape);
        string lanes = string.Join(';', code.Profile.Tiers.OrderBy(tier => tier.Key.Index).Select(tier => $"{tier.Key}={string.Join(',', tier.Value)}"));
        hash.AppendData(Encoding.UTF8.GetBytes($"{shape}|{code.Range}|{code.GroupFor(shape)}|{code.Staging}|{transform.Rotates}|{transform.Turns is not null}|{lanes}"));
        hash.AppendData(MemoryMarshal.AsBytes(transform.Mean));
        hash.AppendData(MemoryMarshal.AsBytes(transform.Balance));
        hash.AppendData(MemoryMarshal.AsBytes(transform.ValueBalance));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
