using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference;

/// <summary>Any number of threads gives the same bits, also more of them than there is work: this model has 10 runs of 32 rows in gate and up, and 2 KV heads.</summary>
public sealed class SessionThreadsTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Short = 40;
    private const int Long = 1100; // Attention to it is cut into the most pieces.
    private const int Steps = 3;

    private static readonly KvTier[] Tiers =
    [
        KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Sixteen), KvTier.Of(BitWidth.Four), KvTier.Of(BitWidth.Eight), new(BitWidth.Three, BitWidth.Two),
    ];

    public static TheoryData<Arithmetic, int> Teams =>
    [
        .. from threads in (int[])[2, 3, 11, 16, 33, 64, 128] select (Arithmetic.Int8, threads),
        .. from threads in (int[])[3, 64] select (Arithmetic.Float, threads),
    ];

    [Theory]
    [MemberData(nameof(Teams))]
    public void Decoding_from_the_first_token_on(Arithmetic arithmetic, int threads) => IsTheSame(arithmetic, threads, session =>
    {
        List<float> seen = [];
        foreach (int token in micro.Tokens(Short))
        {
            seen.AddRange(session.Decode(token, out NextTokenStatistics next));
            seen.AddRange((float)next.Entropy, session.Signals(0).SelfAttention, session.WeightGiven(0, 1));
            session.Encode(Tier(session.Cache.Count));
        }

        return seen;
    });

    [Theory]
    [MemberData(nameof(Teams))]
    public void Decoding_after_a_past_that_is_cut_into_pieces(Arithmetic arithmetic, int threads) => IsTheSame(arithmetic, threads, session =>
    {
        int[] tokens = micro.Tokens(Long + Steps);
        session.Prefill(tokens.AsSpan(0, Long));
        session.Encode([.. Enumerable.Range(0, Long).Select(Tier)]);
        List<float> seen = [];
        foreach (int token in tokens.AsSpan(Long))
        {
            seen.AddRange(session.Decode(token));
            session.Encode(Tier(session.Cache.Count));
        }

        return seen;
    });

    [Theory]
    [MemberData(nameof(Teams))]
    public void Batches_of_every_kind(Arithmetic arithmetic, int threads) => IsTheSame(arithmetic, threads, session =>
    {
        int[] tokens = micro.Tokens(Short);
        List<float> seen = [];
        foreach (int length in (int[])[1, 2, Short])
        {
            session.Cache.Truncate(0);
            session.Prefill(tokens.AsSpan(0, length));
            session.VisitLogits(0, length, (_, logits) => seen.AddRange(logits));
            seen.Add(session.Signals(length - 1).SelfAttention);
            session.Encode([.. Enumerable.Range(0, length).Select(Tier)]);
            session.Run(tokens.AsSpan(0, 8), [new Segment(length, 5), new Segment(length, 3)], [.. Enumerable.Range(0, 8).Select(Tier)]);
            session.VisitLogits(0, 8, (_, logits) => seen.AddRange(logits));
        }

        return seen;
    });

    private void IsTheSame(Arithmetic arithmetic, int threads, Func<Session, List<float>> run)
    {
        // As a machine with as many processors has them.
        using ThreadTeam few = ThreadTeam.Of(1), many = ThreadTeam.Of(threads);
        using Session one = Open(arithmetic, few), several = Open(arithmetic, many);
        Assert.Equal(run(one), run(several));
    }

    private Session Open(Arithmetic arithmetic, ThreadTeam team) => new(micro[arithmetic], new SessionOptions
    {
        Team = team,
        MaxBatch = Long,
        RecordSignals = true,
        SignalWindow = 2,
        Times = team.Threads % 2 == 1 ? new StepTimes(team.Threads) : null,
        Cache = new KvCacheOptions { MaxTokens = Long + Steps },
    });

    private static KvTier Tier(int position) => Tiers[position * position % Tiers.Length];
}
