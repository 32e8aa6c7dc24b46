using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference;

/// <summary>What a session refuses; it stays usable and holds what it held.</summary>
public sealed class SessionFaultsTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private static readonly KvTier Four = KvTier.Of(BitWidth.Four);

    [Theory]
    [InlineData(-1)]
    [InlineData(640)]
    [InlineData(int.MaxValue)]
    public void A_token_that_does_not_exist_is_refused(int token) => Holds(session =>
    {
        Assert.Contains("token ids are 0 to 639", Assert.Throws<ArgumentOutOfRangeException>(() => session.Decode(token)).Message, StringComparison.Ordinal);
        Assert.Contains("token ids are 0 to 639", Assert.Throws<ArgumentOutOfRangeException>(() => session.Prefill([1, token])).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_full_cache_takes_no_more() => Holds(session =>
    {
        session.Prefill([1, 2, 3, 4, 5]);
        session.Encode([Four, Four, Four, Four, Four]);

        Assert.Contains("the cache is full: 8 tokens", Assert.Throws<InvalidOperationException>(() => session.Decode(1)).Message, StringComparison.Ordinal);
        Refused("position 9: the cache holds 8 tokens", () => session.Prefill([1]));
        session.Cache.Truncate(3);
    });

    [Fact]
    public void Batches_must_fit_and_agree_with_their_tiers_and_segments() => Holds(session =>
    {
        Refused("7 tokens; a batch holds 1 to 6", () => session.Prefill(new int[7]));
        Refused("0 tokens; a batch holds 1 to 6", () => session.Prefill([]));
        Refused("1 tiers for 2 tokens", () => session.Run([1, 2], [new Segment(3, 2)], [Four]));
        Refused("segments of 1 rows for 2 tokens", () => session.Run([1, 2], [new Segment(3, 1)], []));
        Refused("segments of 0 rows for 1 tokens", () => session.Run([1], [], [Four]));
    });

    [Fact]
    public void Segments_leave_no_gap() => Holds(session =>
    {
        Refused("segment of 1 tokens at 4: expected 1 or more tokens, at 0 to 3", () => session.Run([1], [new Segment(4, 1)], []));
        Refused("segment of 1 tokens at -1", () => session.Run([1], [new Segment(-1, 1)], []));
        Refused("segment of -1 tokens at 5", () => session.Run([1], [new Segment(3, 2), new Segment(5, -1)], []));
        Refused("segment of 1 tokens at 5: expected 1 or more tokens, at 0 to 4", () => session.Run([1, 2], [new Segment(3, 1), new Segment(5, 1)], []));
    });

    [Fact]
    public void Tokens_of_known_tiers_do_not_follow_staged_ones() => Holds(session =>
    {
        session.Prefill([1, 2]);

        Refused("the cache holds 2 staged tokens", () => session.Run([1], [new Segment(5, 1)], [Four]));
        session.Run([1], [new Segment(3, 1)], [Four]);
        session.Cache.Truncate(3);
    });

    [Fact]
    public void Only_rows_of_the_last_batch_have_logits() => Holds(session =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => session.VisitLogits(2, 2, (_, _) => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.VisitLogits(-1, 1, (_, _) => { }));
    });

    [Fact]
    public void Encoding_asks_for_one_tier_per_staged_token() => Holds(session =>
    {
        Refused("1 tiers for 0 staged tokens", () => session.Encode(Four));
        session.Decode(7);
        Refused("2 tiers for 1 staged tokens", () => session.Encode([Four, Four]));
        session.Encode(Four);
        session.Cache.Truncate(3);
    });

    // Three tokens before; after the refusals the session still predicts what an untouched one does.
    private void Holds(Action<Session> refusals)
    {
        using Session untouched = Open(), session = Open();

        refusals(session);

        Assert.Equal(3, session.Cache.Count);
        Assert.Equal(untouched.Decode(9).ToArray(), session.Decode(9).ToArray());
    }

    private Session Open()
    {
        Session session = new(micro.Int8, new SessionOptions { Threads = 2, MaxBatch = 6, Cache = new KvCacheOptions { MaxTokens = 8 } });
        session.Prefill([5, 6, 7]);
        session.Encode([Four, Four, Four]);
        return session;
    }

    private static void Refused(string problem, Action action) =>
        Assert.Contains(problem, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
}
