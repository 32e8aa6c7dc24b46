using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>Caches that begin with tokens of another one, in its memory, and a pool of bytes that all take from.</summary>
public sealed class CacheSharingTests
{
    private static readonly CacheShape Shape = new(1, 2, 1, 64);

    /// <summary>Whatever lender, borrower and a borrower of the borrower do afterwards, each holds what it would hold alone.</summary>
    [Fact]
    public void Lender_and_borrowers_hold_what_they_would_hold_alone()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            Random random = new(seed);
            using CachePair lender = new(Shape, new KvCacheOptions(), seed);
            Run(lender, random);
            using CachePair borrower = lender.Fork(random.Next(lender.Packed.Count - lender.Packed.Staged + 1), seed + 1000);
            Run(borrower, random);
            using CachePair second = borrower.Fork(random.Next(borrower.Packed.Count - borrower.Packed.Staged + 1), seed + 2000);
            for (int round = 0; round < 3; round++)
            {
                foreach (CachePair pair in (CachePair[])[lender, second, borrower])
                {
                    Run(pair, random);
                }
            }

            Assert.All((CachePair[])[lender, borrower, second], pair => Assert.Null(pair.Difference()));
        }
    }

    [Fact]
    public void Shared_tokens_are_paid_once()
    {
        CachePool pool = new(null);
        KvCacheOptions options = new() { Pool = pool, MaxBytes = 1 << 20 };
        using CachePair lender = new(Shape, options, 1);
        lender.Add(100, staged: true);
        lender.Packed.Encode(Enumerable.Repeat(KvTier.Of(BitWidth.Four), 100).ToArray());
        long alone = pool.Bytes;

        using (CachePair borrower = lender.Fork(99, 2))
        {
            // Three of 99 tokens make no unit: they are the borrower's own.
            Assert.Equal(3 * TierFootprint.Of(KvTier.Of(BitWidth.Four), Shape, options).RowBytes, borrower.Packed.Statistics().Bytes);
            Assert.Equal(alone + borrower.Packed.Statistics().Bytes, pool.Bytes);
        }

        Assert.Equal(alone, pool.Bytes);
        Assert.True(pool.PeakBytes > alone);
    }

    [Fact]
    public void Beyond_the_pool_nothing_is_allocated()
    {
        long token = TierFootprint.Of(KvTier.Of(BitWidth.Sixteen), Shape, new KvCacheOptions()).UnitBytes;
        CachePool pool = new(3 * token);
        using PackedKvCache one = new(Shape, new KvCacheOptions { Pool = pool, MaxBytes = 1 << 20 }), other = new(Shape, new KvCacheOptions { Pool = pool, MaxBytes = 1 << 20 });
        one.Stage();
        one.Stage();
        other.Stage();

        Assert.Contains("together", Assert.Throws<InvalidOperationException>(() => other.Stage()).Message, StringComparison.Ordinal);
        Assert.Equal((3 * token, 3 * token), (pool.Bytes, pool.PeakBytes));
        one.Truncate(0);
        other.Stage();
    }

    [Fact]
    public void What_is_borrowed_cannot_be_forgotten_and_what_waits_cannot_be_borrowed()
    {
        using CachePair lender = new(Shape, new KvCacheOptions(), 1);
        lender.Add(20, staged: true);
        lender.Encode();
        lender.Add(3, staged: true);
        using CachePair borrower = lender.Fork(17, 2);

        Assert.Equal(17, borrower.Packed.Borrowed);
        Assert.Throws<ArgumentOutOfRangeException>(() => borrower.Packed.Truncate(16));
        Assert.Throws<ArgumentException>(() => lender.Fork(21, 3));
        Assert.Throws<ArgumentException>(() => borrower.Packed.BeginAs(lender.Packed, 5));
    }

    private static void Run(CachePair pair, Random random)
    {
        for (int step = 0; step < 12; step++)
        {
            pair.Step((byte)random.Next(256), (byte)random.Next(256));
        }
    }
}
