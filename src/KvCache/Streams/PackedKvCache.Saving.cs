namespace AdaptiveKv.KvCache.Streams;

// A sequence of another cache.
public sealed unsafe partial class PackedKvCache
{
    /// <summary>Lays the places of a sequence that another cache held; the bytes of its streams follow by <see cref="TierStore.VisitUnits"/> and <see cref="TierStore.VisitOpen"/>.</summary>
    /// <param name="order">Tiers of the streams, in the other cache's order: attention adds them up in it.</param>
    /// <param name="tiers">By position.</param>
    /// <param name="staged">Tokens at the end that wait for their tier.</param>
    internal void Lay(IReadOnlyList<KvTier> order, IReadOnlyList<KvTier> tiers, int staged)
    {
        Truncate(0);
        foreach (KvTier tier in order)
        {
            _ = StreamOf(tier);
        }

        foreach (KvTier tier in tiers)
        {
            _ = Place(tier);
        }

        Staged = staged;
    }
}
