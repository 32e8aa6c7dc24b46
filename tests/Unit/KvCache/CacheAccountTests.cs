using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

public sealed class CacheAccountTests
{
    private static readonly KvTier Sixteen = KvTier.Of(BitWidth.Sixteen), Four = KvTier.Of(BitWidth.Four), Two = KvTier.Of(BitWidth.Two);

    // 64 elements a token: 128 bytes at 16 bits, 36 at 4 with a scale and a minimum of 4 bytes, 20 at 2.
    private const int Elements = 64;

    /// <summary>
    /// By hand: a first token and two waiting ones (3 x 128), one that chose 16 bits (128), eight at 4 bits (8 x 36) and one at 2 (20) in a unit of eight (160).
    /// Nine coded ones and the one of 16: (128 + 288 + 20) x 8 / (10 x 64) = 5.45 bits, their codes (16 + 8 x 4 + 2) / 10 = 5.
    /// </summary>
    [Fact]
    public void Every_byte_is_accounted_for()
    {
        CacheStatistics cache = new(13, 2, (4 * 128) + 288 + 160 + 128, 2000, Elements,
            [new TierStatistics(Sixteen, 4, 5 * 128, 4 * 128), new TierStatistics(Four, 8, 288, 288), new TierStatistics(Two, 1, 160, 20)]);

        CacheAccount account = CacheAccount.Of(cache, Sixteen, sinks: 1)!;

        Assert.Equal((13, 1, 2), (account.Tokens, account.Sinks, account.Waiting));
        Assert.Equal(5, account.Codes!.Value, 12);
        Assert.Equal(5.45, account.Coded!.Value, 12);
        Assert.Equal(0.45, account.Scales!.Value, 12);
        Assert.Equal((16 - 5.45) / 13, account.OfSinks, 12);
        Assert.Equal(2 * (16 - 5.45) / 13, account.OfWaiting, 12);
        Assert.Equal((140 + 128) * 8.0 / 13 / Elements, account.Unused, 12);
        Assert.Equal(cache.EffectiveBits, account.Coded.Value + account.OfSinks + account.OfWaiting + account.Unused, 12);
    }

    [Fact]
    public void A_cache_of_waiting_tokens_alone_has_nothing_coded()
    {
        CacheAccount account = CacheAccount.Of(new(3, 3, 4 * 128, 512, Elements, [new TierStatistics(Sixteen, 3, 4 * 128, 3 * 128)]), Sixteen, sinks: 1)!;

        Assert.Equal((0, 3, null, null), (account.Sinks, account.Waiting, account.Codes, account.Coded));
        Assert.Equal(account.Allocated, account.OfSinks + account.OfWaiting + account.Unused, 12);
    }

    [Fact]
    public void An_empty_cache_has_no_account() => Assert.Null(CacheAccount.Of(new(0, 0, 0, 0, Elements, []), Sixteen, 1));
}
