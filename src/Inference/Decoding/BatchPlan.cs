using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Where the rows of a batch lie in the sequence and in the cache.</summary>
internal sealed class BatchPlan(int maxRows)
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

    /// <summary>Tokens of each stream a row attends to.</summary>
    public ReadOnlySpan<int> CountsOf(int row) => counts.AsSpan(row * PackedKvCache.MaxStreams, PackedKvCache.MaxStreams);

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
}
