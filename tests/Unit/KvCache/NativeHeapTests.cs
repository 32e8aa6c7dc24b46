using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

[Collection(Alone.Name)]
public sealed class NativeHeapTests
{
    [Fact]
    public void Buffers_and_caches_are_counted_until_they_are_disposed_once()
    {
        MemoryGrowth growth = new();
        long before = NativeHeap.Bytes;
        NativeBuffer buffer = new(1 << 20);
        using (NativeBuffer small = new(1))
        {
            Assert.Equal(64 + (1 << 20), NativeHeap.Bytes - before);
        }

        using (PackedKvCache cache = new(new CacheShape(1, 1, 1, 64), new KvCacheOptions()))
        {
            cache.Append(KvTier.Of(BitWidth.Four));
            Assert.Equal(cache.Statistics().Bytes + (1 << 20), NativeHeap.Bytes - before);
        }

        buffer.Dispose();
        buffer.Dispose();

        Assert.Equal(before, NativeHeap.Bytes);
        Assert.InRange(growth.Native, 64 + (1 << 20), (1 << 20) + 4096);
    }

    [Fact]
    public void Threads_lose_no_byte_and_no_peak()
    {
        MemoryGrowth growth = new();
        long before = NativeHeap.Bytes;
        using Barrier together = new(4);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                using NativeBuffer buffer = new(1000);
                together.SignalAndWait();
                together.SignalAndWait();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(before, NativeHeap.Bytes);
        Assert.Equal(4 * 1000, growth.Native);
    }
}
