using System.Runtime.InteropServices;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>A number that names a sequence by its tokens, for policies that leave something to chance.</summary>
internal static class SequenceName
{
    /// <summary>The name of an item: of its context, which all endings share, or of the whole text where there is a single ending.</summary>
    public static ulong Of(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings) => endings.Count == 1 ? Of([.. context, .. endings[0]]) : Of(context);

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
