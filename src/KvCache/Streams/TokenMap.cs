namespace AdaptiveKv.KvCache.Streams;

/// <summary>Where each position's token lies: stream and slot; and how many tokens each stream holds.</summary>
internal sealed class TokenMap(int maxTokens)
{
    /// <summary>In place of a stream: that of dropped tokens, which have a position and nothing else.</summary>
    public const int Nowhere = PackedKvCache.MaxStreams;

    private readonly byte[] streams = new byte[maxTokens];
    private readonly int[] slots = new int[maxTokens];
    private readonly int[] counts = new int[PackedKvCache.MaxStreams + 1];
    private readonly int[] marks = new int[((maxTokens / MeanTurns.StretchTokens) + 1) * PackedKvCache.MaxStreams];

    /// <summary>Tokens in the cache.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens per stream.</summary>
    public ReadOnlySpan<int> Counts => counts.AsSpan(0, PackedKvCache.MaxStreams);

    /// <summary>Tokens in none.</summary>
    public int Dropped => counts[Nowhere];

    public int StreamOf(int position) => streams[position];

    public int SlotOf(int position) => slots[position];

    /// <summary>Tokens of a stream that lie before a stretch of positions; known once the stretch holds a token.</summary>
    public int Before(int stretch, int stream) => marks[(stretch * PackedKvCache.MaxStreams) + stream];

    /// <summary>Tokens per stream before a stretch, as another branch of the sequence had them.</summary>
    public void Mark(int stretch, ReadOnlySpan<int> before) => before.CopyTo(marks.AsSpan(stretch * PackedKvCache.MaxStreams));

    /// <summary>Takes the first positions over from another map, which knows them.</summary>
    public void BeginAs(TokenMap other, int tokens)
    {
        other.streams.AsSpan(0, tokens).CopyTo(streams);
        other.slots.AsSpan(0, tokens).CopyTo(slots);
        other.marks.AsSpan(0, ((tokens + MeanTurns.StretchTokens - 1) / MeanTurns.StretchTokens) * PackedKvCache.MaxStreams).CopyTo(marks);
        Array.Clear(counts);
        for (Count = 0; Count < tokens; Count++)
        {
            counts[streams[Count]]++;
        }
    }

    /// <summary>Puts the next position at the end of a stream; returns its slot there.</summary>
    public int Append(int stream)
    {
        if (Count % MeanTurns.StretchTokens == 0)
        {
            Mark(Count / MeanTurns.StretchTokens, Counts);
        }

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
