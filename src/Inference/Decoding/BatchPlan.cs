using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Where the rows of a batch lie in the sequence and in the cache.</summary>
internal sealed class BatchPlan(int maxRows, CacheShape shape)
{
    private readonly int[] counts = new int[maxRows * PackedKvCache.MaxStreams];

    /// <summary>Segments of the batch.</summary>
    public List<(Segment Segment, int FirstRow)> Segments { get; } = new(8);

    /// <summary>Token of each row.</summary>
    public int[] Tokens { get; } = new int[maxRows];

    /// <summary>Position of each row.</summary>
    public int[] Positions { get; } = new int[maxRows];

    /// <summary>Where each row's keys and values go.</summary>
    public TokenPlace[] Places { get; } = new TokenPlace[maxRows];

    /// <summary>Rows in the batch.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether the rows have tiers: then a row sees earlier ones encoded and itself at 16 bits.</summary>
    public bool Encoded { get; private set; }

    /// <summary>Tokens before a row that it sees at 16 bits too; those before the batch are in <see cref="Tail"/>.</summary>
    public int Recent { get; private set; }

    /// <summary>What was staged before the batch.</summary>
    public StagedTail Tail { get; } = new(shape);

    /// <summary>Tokens of each stream a row attends to.</summary>
    public ReadOnlySpan<int> CountsOf(int row) => counts.AsSpan(row * PackedKvCache.MaxStreams, PackedKvCache.MaxStreams);

    /// <summary>The same of some rows, one after the other.</summary>
    public ReadOnlySpan<int> CountsOf(int row, int rows) => counts.AsSpan(row * PackedKvCache.MaxStreams, rows * PackedKvCache.MaxStreams);

    /// <summary>First row of the segment a row lies in.</summary>
    public int FirstRowOf(int row)
    {
        int first = 0;
        foreach ((_, int start) in Segments)
        {
            first = start <= row ? start : first;
        }

        return first;
    }

    /// <summary>Lays the segments out; the cache ends with the last segment in place.</summary>
    /// <param name="cache">Holds the common past.</param>
    /// <param name="tokens">[rows].</param>
    /// <param name="segments">Their counts add up to the rows.</param>
    /// <param name="tiers">[rows], or empty: then the rows are staged.</param>
    public void Lay(PackedKvCache cache, ReadOnlySpan<int> tokens, ReadOnlySpan<Segment> segments, ReadOnlySpan<KvTier> tiers)
    {
        Segments.Clear();
        Rows = tokens.Length;
        Encoded = !tiers.IsEmpty;
        Recent = 0;
        tokens.CopyTo(Tokens);
        int row = 0;
        foreach (Segment segment in segments)
        {
            Segments.Add((segment, row));
            cache.Rewind(segment.Start);
            for (int i = 0; i < segment.Count; i++, row++)
            {
                Positions[row] = segment.Start + i;
                Span<int> seen = counts.AsSpan(row * PackedKvCache.MaxStreams, PackedKvCache.MaxStreams);
                if (Encoded)
                {
                    cache.Counts.CopyTo(seen);
                    Places[row] = cache.Append(tiers[row]);
                }
                else
                {
                    Places[row] = cache.Stage();
                    cache.Counts.CopyTo(seen);
                }
            }
        }
    }

    /// <summary>Makes the map tell where the stretches of one branch begin, before its rows attend; the last branch's are in place anyway.</summary>
    public void Mark(TokenMap map, Segment segment, int firstRow)
    {
        Span<int> before = stackalloc int[PackedKvCache.MaxStreams];
        for (int row = firstRow; row < firstRow + segment.Count && Segments.Count > 1; row++)
        {
            if (Positions[row] % MeanTurns.StretchTokens == 0)
            {
                CountsOf(row).CopyTo(before);
                before[0] -= Encoded ? 0 : 1; // A staged row sees itself in the first stream.
                map.Mark(Positions[row] / MeanTurns.StretchTokens, before);
            }
        }
    }

    /// <summary>Lays one segment out behind what the cache holds, as steps that keep the newest tokens staged would; as many as stay are staged at the end.</summary>
    /// <param name="cache">Holds the past.</param>
    /// <param name="tokens">[rows].</param>
    /// <param name="recent">Tokens that stay staged after each step.</param>
    /// <param name="tiers">One for each token that leaves the staging width, the oldest staged one first.</param>
    public void LayRecent(PackedKvCache cache, ReadOnlySpan<int> tokens, int recent, ReadOnlySpan<KvTier> tiers)
    {
        Segments.Clear();
        Rows = tokens.Length;
        Encoded = true;
        Recent = recent;
        tokens.CopyTo(Tokens);
        int start = cache.Count;
        Segments.Add((new Segment(start, Rows), 0));
        Tail.Take(cache);
        for (int row = 0; row < Rows; row++)
        {
            Positions[row] = start + row;
            PlaceUpTo(start + row - recent, cache, start, tiers);
            cache.Counts.CopyTo(counts.AsSpan(row * PackedKvCache.MaxStreams, PackedKvCache.MaxStreams));
        }

        PlaceUpTo(start + Rows - recent, cache, start, tiers);
        while (cache.Count < start + Rows)
        {
            Place(cache.Count, cache.Stage(), start);
        }

        Tail.Write(cache);
    }

    private void PlaceUpTo(int end, PackedKvCache cache, int start, ReadOnlySpan<KvTier> tiers)
    {
        while (cache.Count < end)
        {
            Place(cache.Count, cache.Append(tiers[cache.Count - Tail.Start]), start);
        }
    }

    private void Place(int position, TokenPlace place, int start)
    {
        if (position < start)
        {
            Tail.Place(position, place);
        }
        else
        {
            Places[position - start] = place;
        }
    }
}
