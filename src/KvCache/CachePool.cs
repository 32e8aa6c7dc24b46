namespace AdaptiveKv.KvCache;

/// <summary>Counts what several caches take together, and hands out nothing beyond a limit. Caches of one pool may be used by several threads.</summary>
/// <param name="limit">Most bytes; null for no limit.</param>
public sealed class CachePool(long? limit)
{
    private long bytes;
    private long peakBytes;

    /// <summary>Most bytes; null for no limit.</summary>
    public long? Limit => limit;

    /// <summary>Bytes held now.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Most bytes held at any time.</summary>
    public long PeakBytes => Interlocked.Read(ref peakBytes);

    /// <summary>Takes bytes, or with a negative number gives them back.</summary>
    /// <exception cref="InvalidOperationException">It would be more than the limit.</exception>
    internal void Take(long amount)
    {
        long now = Interlocked.Add(ref bytes, amount);
        if (now > limit && amount > 0)
        {
            Interlocked.Add(ref bytes, -amount);
            throw new InvalidOperationException($"the caches may take {limit} bytes together and hold {now - amount}: there is no room for {amount} more");
        }

        for (long peak = PeakBytes; now > peak; peak = PeakBytes)
        {
            Interlocked.CompareExchange(ref peakBytes, now, peak);
        }
    }
}
