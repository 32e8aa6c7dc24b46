using System.Runtime.InteropServices;

namespace AdaptiveKv.Scoring;

/// <summary>A number that names a sequence by its tokens, for policies that leave something to chance.</summary>
internal static class SequenceName
{
    /// <summary>FNV-1a of 64 bits over the ids' bytes (Fowler, Noll, Vo).</summary>
    public static ulong Of(ReadOnlySpan<int> tokens)
    {
        ulong hash = 14695981039346656037;
        foreach (byte part in MemoryMarshal.AsBytes(tokens))
        {
            hash = (hash ^ part) * 1099511628211;
        }

        return hash;
    }
}
