namespace AdaptiveKv.Server.Scheduling;

/// <summary>All caches: those in use, and those kept after their sequence's end until their bytes are needed or nobody came for them.</summary>
/// <param name="keep">How long one is kept.</param>
/// <param name="most">Most that are kept for nobody yet: without a budget nothing else would bound them.</param>
/// <param name="time">The clock.</param>
internal sealed class CacheStore(TimeSpan keep, int most, TimeProvider time) : IDisposable
{
    // What a token or a line of a template has in common by chance is not worth a lender.
    private const int LeastShared = 16;

    private readonly List<CacheHolder> holders = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<CacheHolder> Holders => holders;

    /// <summary>Bytes of caches in use, and of those that they and one more borrow from.</summary>
    /// <param name="lender">The one more; null for none.</param>
    public long Bound(CacheHolder? lender)
    {
        HashSet<CacheHolder> bound = [];
        foreach (CacheHolder holder in holders.Where(holder => holder.Session is not null || holder == lender))
        {
            for (CacheHolder? next = holder; next is not null && bound.Add(next); next = next.Lender)
            {
            }
        }

        return bound.Sum(holder => holder.Bytes);
    }

    /// <summary>Bytes of all.</summary>
    public long Bytes => holders.Sum(holder => holder.Bytes);

    /// <summary>When the next one will have been kept long enough; null where none is kept.</summary>
    public TimeSpan? NextEnd => holders.Where(IsIdle).Select(holder => keep - time.GetElapsedTime(holder.Ended)).Cast<TimeSpan?>().Min();

    /// <summary>Adds a cache in use.</summary>
    public void Add(CacheHolder holder) => holders.Add(holder);

    /// <summary>Ends a sequence and keeps its cache.</summary>
    public void End(CacheHolder holder)
    {
        holder.End(time.GetTimestamp());
        DropOld();
    }

    /// <summary>The cache with which a prompt has most in common.</summary>
    /// <returns>It, and how many tokens it has or is about to read; null where none has enough.</returns>
    public (CacheHolder Lender, int Common)? Find(ReadOnlySpan<int> prompt)
    {
        (CacheHolder Lender, int Common)? best = null;
        foreach (CacheHolder holder in holders)
        {
            // The last token is read in any case: its logits are wanted.
            int common = Math.Min(holder.CommonWith(prompt), prompt.Length - 1);
            if (common >= LeastShared && (best is null || (common, holder.Encoded).CompareTo((best.Value.Common, best.Value.Lender.Encoded)) > 0))
            {
                best = (holder, common);
            }
        }

        return best;
    }

    /// <summary>Gives back kept caches, the oldest first, until no more than some bytes are left.</summary>
    /// <param name="bytes">What is left at most, if there is enough to give back.</param>
    /// <param name="lender">One that stays.</param>
    public void Reduce(long bytes, CacheHolder? lender)
    {
        // Who borrowed from another goes before it, so one round may not do.
        for (long before = long.MaxValue; Bytes > bytes && Bytes < before;)
        {
            before = Bytes;
            foreach (CacheHolder holder in holders.Where(holder => holder.Session is null && holder != lender).OrderBy(holder => holder.Ended).ToArray().TakeWhile(_ => Bytes > bytes))
            {
                Shrink(holder);
            }
        }
    }

    /// <summary>Gives back what was kept long enough, and the oldest of too many.</summary>
    public void DropOld()
    {
        while (holders.Where(IsIdle).MinBy(holder => holder.Ended) is { } oldest && (time.GetElapsedTime(oldest.Ended) >= keep || holders.Count(IsIdle) > most))
        {
            Shrink(oldest);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Gives back all of them, those in use as well.</summary>
    public void Clear()
    {
        foreach (CacheHolder holder in holders.Where(holder => holder.Session is not null))
        {
            holder.End(time.GetTimestamp());
        }

        holders.ForEach(holder => holder.Cache.Dispose());
        holders.Clear();
    }

    private static bool IsIdle(CacheHolder holder) => holder.Session is null && holder.Borrowers.Count == 0;

    private void Shrink(CacheHolder holder)
    {
        if (holder.Shrink())
        {
            holders.Remove(holder);
        }
    }
}
