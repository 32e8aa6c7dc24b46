using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

// From the staging width to the tiers.
public sealed unsafe partial class PackedKvCache
{
    /// <summary>
    /// Starts encoding the oldest staged tokens: fixes their places, and those of the newer ones that stay staged.
    /// <see cref="EncodeLane"/> then moves the rows of every lane.
    /// </summary>
    /// <param name="tiers">One tier per token that is encoded; at most as many as are staged.</param>
    public void BeginEncode(ReadOnlySpan<KvTier> tiers)
    {
        if (tiers.Length > Staged)
        {
            throw new ArgumentException($"{tiers.Length} tiers for {Staged} staged tokens", nameof(tiers));
        }

        // A tier that finds no stream must fail while every token is still in its place.
        foreach (KvTier tier in tiers)
        {
            _ = StreamOf(tier);
        }

        int staged = Staged;
        int first = Count - staged;
        plan.Start(staged == 0 ? 0 : map.SlotOf(first), staged);
        map.Truncate(first);
        for (int i = 0; i < staged; i++)
        {
            plan.Place(i, Place(i < tiers.Length ? tiers[i] : StagingTier));
        }

        Staged = staged - tiers.Length;
    }

    /// <summary>Moves the staged rows of one lane to their tiers.</summary>
    public void EncodeLane(int lane)
    {
        Span<float> key = stackalloc float[Shape.HeadDim];
        Span<float> value = stackalloc float[Shape.HeadDim];
        (TierStore staging, LaneFormat format) = (streams[0], streams[0].Lanes[lane]);
        for (int i = 0; i < plan.Tokens; i++)
        {
            TokenPlace target = plan.Target(i);
            int source = plan.FirstSlot + i;
            if (target.Stream == 0)
            {
                // Float rows, one token to a unit: the bytes themselves move, if at all.
                FloatRows.Copy(staging.Unit(source, format), staging.Unit(target.Slot, format), format.UnitBytes);
                continue;
            }

            if (StoreOf(target.Stream) is { } store)
            {
                staging.Read(source, lane, key, value);
                store.WriteKey(target.Slot, lane, key);
                store.WriteValue(target.Slot, lane, value);
            }
        }
    }

    /// <summary>Ends encoding: gives the staging memory back.</summary>
    public void EndEncode() => streams[0].Release(map.Counts[0]);

    /// <summary>Encodes the oldest staged tokens, one per tier, on the calling thread.</summary>
    public void Encode(ReadOnlySpan<KvTier> tiers)
    {
        BeginEncode(tiers);
        for (int lane = 0; lane < Shape.Lanes; lane++)
        {
            EncodeLane(lane);
        }

        EndEncode();
    }
}
