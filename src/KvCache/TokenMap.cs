namespace AdaptiveKv.KvCache;

/// <summary>Where each position's token lies: stream and slot; and how many tokens each stream holds.</summary>
internal sealed class TokenMap(int maxTokens)
{
    private readonly byte[] streams = new byte[maxTokens];
    private readonly int[] slots = new int[maxTokens];
    private readonly int[] counts = new int[PackedKvCache.MaxStreams];

    /// <summary>Tokens in the cache.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens per stream.</summary>
    public ReadOnlySpan<int> Counts => counts;

    public int StreamOf(int position) => streams[position];

    public int SlotOf(int position) => slots[position];

    /// <summary>Puts the next position at the end of a stream; returns its slot there.</summary>
    public int Append(int stream)
    {
        streams[Count] = (byte)stream;
        slots[Count] = counts[stream]++;
        return slots[Count++];
    }

    /// <summary>Forgets the positions from <paramref name="position"/> on. Streams are filled in order of position, so each loses its tail.</summary>
    public void Truncate(int position)
    {
        while (Count > position)
        {
            Count--;
            counts[streams[Count]]--;
        }
    }
}
