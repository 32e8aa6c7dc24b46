namespace AdaptiveKv.KvCache.Streams;

// A sequence of another cache.
public sealed unsafe partial class PackedKvCache
{
    /// <summary>Lays the places of a sequence that another cache held; the bytes of its streams follow by <see cref="TierStore.VisitUnits"/> and <see cref="TierStore.VisitOpen"/>.</summary>
    /// <param name="tiers">Of the streams, in the other cache's order: attention adds them up in it.</param>
    /// <param name="streamOf">By position, the token's stream.</param>
    /// <param name="staged">Tokens at the end that wait for their tier.</param>
    internal void Lay(IReadOnlyList<KvTier> tiers, ReadOnlySpan<byte> streamOf, int staged)
    {
        Truncate(0);
        foreach (KvTier tier in tiers)
        {
            _ = StreamOf(tier);
        }

        foreach (byte stream in streamOf)
        {
            _ = Place(tiers[stream]);
        }

        Staged = staged;
    }
}
