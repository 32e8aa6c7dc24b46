using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>The newest tokens of a tier, which are too few for a unit: each in memory of its own, a row for every lane.</summary>
/// <param name="tokenBytes">Bytes of a token, all lanes.</param>
/// <param name="allocator">Where memory comes from.</param>
internal sealed unsafe class OpenTokens(int tokenBytes, CacheAllocator allocator)
{
    private readonly nint[] tokens = new nint[CodeLayout.CodedTokens - 1];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes allocated for them.</summary>
    public long Bytes => (long)Count * tokenBytes;

    /// <summary>A token's row of the lane whose rows begin at an offset.</summary>
    public byte* Row(int token, int offset) => (byte*)tokens[token] + offset;

    /// <summary>Copies all, one after the other, and gives their memory back.</summary>
    public void MoveTo(byte* aside)
    {
        for (int token = 0; token < Count; token++)
        {
            FloatRows.Copy(Row(token, 0), aside + ((nint)token * tokenBytes), tokenBytes);
        }

        Resize(0);
    }

    /// <summary>Takes a number of them back.</summary>
    public void MoveFrom(byte* aside, int count)
    {
        Resize(count);
        for (int token = 0; token < count; token++)
        {
            FloatRows.Copy(aside + ((nint)token * tokenBytes), Row(token, 0), tokenBytes);
        }
    }

    /// <summary>Makes room for a number of tokens, and gives back what others had.</summary>
    public void Resize(int count)
    {
        for (; Count < count; Count++)
        {
            tokens[Count] = (nint)allocator.Allocate((nuint)tokenBytes);
        }

        while (Count > count)
        {
            allocator.Free((byte*)tokens[--Count], (nuint)tokenBytes);
        }
    }
}
