using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference.Decoding;

/// <summary>The ways through the layers agree: token by token, in a batch with known tiers, a prompt at 16 bits, branches of a prefix.</summary>
[Trait("Category", "Kernels")]
public sealed class SessionTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Length = 70;

    private static readonly KvTier Two = KvTier.Of(BitWidth.Two), Four = KvTier.Of(BitWidth.Four), Eight = KvTier.Of(BitWidth.Eight);
    private static readonly KvTier Sixteen = KvTier.Of(BitWidth.Sixteen), ThirtyTwo = KvTier.Of(BitWidth.ThirtyTwo);

    public static TheoryData<Arithmetic, string> Policies =>
        [.. from arithmetic in Enum.GetValues<Arithmetic>() from tiers in (string[])["2", "4", "8", "16", "32", "0", "mixed", "dropped", "turned, dropped", "turned"] select (arithmetic, tiers)];

    // Sums have one order: a difference in the last place would turn codes of the cache, and those whole logits.
    [Theory]
    [MemberData(nameof(Policies))]
    public void Decoding_equals_a_batched_pass_with_the_tiers_known_to_the_bit(Arithmetic arithmetic, string policy)
    {
        int[] tokens = micro.Tokens(Length);
        KvTier[] tiers = Tiers(policy);
        using Session decoding = Open(arithmetic, policy), batched = Open(arithmetic, policy);

        float[][] expected = Decode(decoding, tokens, tiers);
        batched.Run(tokens, [new Segment(0, Length)], tiers);

        Assert.Equal(expected, Visit(batched, 0, Length));
        Assert.Equal(0, batched.Cache.Staged);
        Assert.Equal(tiers, Enumerable.Range(0, Length).Select(batched.Cache.TierAt));
    }

    [Theory]
    [InlineData(Arithmetic.Float, "16")]
    [InlineData(Arithmetic.Float, "32")]
    [InlineData(Arithmetic.Int8, "16")]
    [InlineData(Arithmetic.Int8, "32")]
    public void A_prompt_in_chunks_equals_decoding_where_nothing_is_coded(Arithmetic arithmetic, string policy)
    {
        int[] tokens = micro.Tokens(Length);
        KvTier[] tiers = Tiers(policy);
        using Session decoding = Open(arithmetic, policy), prompt = Open(arithmetic, policy);
        float[][] expected = Decode(decoding, tokens, tiers);

        prompt.Prefill(tokens.AsSpan(0, 33));
        float[][] first = Visit(prompt, 0, 33);
        prompt.Prefill(tokens.AsSpan(33));
        float[][] second = Visit(prompt, 0, Length - 33);
        Assert.Equal(Length, prompt.Cache.Staged);
        prompt.Encode(tiers);

        Agree(expected, [.. first, .. second], 0.02);
        float[][] rows = Rows(decoding, lane: 5);
        Assert.All(Rows(prompt, lane: 5), (row, i) => Assert.All(row, (value, j) => Assert.Equal(rows[i][j], value, 0.01)));
    }

    /// <summary>Rows of the first layer depend on the token alone: the streams must be the same to the bit, however they were filled.</summary>
    [Theory]
    [InlineData(Arithmetic.Float)]
    [InlineData(Arithmetic.Int8)]
    [InlineData(Arithmetic.Int8Single)]
    public void Prompt_batch_and_decoding_fill_the_same_streams(Arithmetic arithmetic)
    {
        int[] tokens = micro.Tokens(Length);
        KvTier[] tiers = Tiers("mixed");
        using Session decoding = Open(arithmetic, "mixed"), prompt = Open(arithmetic, "mixed"), batched = Open(arithmetic, "mixed");

        Decode(decoding, tokens, tiers);
        prompt.Prefill(tokens);
        prompt.Encode(tiers);
        batched.Run(tokens, [new Segment(0, Length)], tiers);

        for (int lane = 0; lane < micro.Int8.CacheShape.KvHeads; lane++)
        {
            float[][] rows = Rows(decoding, lane);
            Assert.Equal(rows, Rows(prompt, lane));
            Assert.Equal(rows, Rows(batched, lane));
        }

        Assert.Equal(decoding.Cache.Counts, prompt.Cache.Counts);
        Assert.Equal(decoding.Cache.Statistics().Bytes, prompt.Cache.Statistics().Bytes);
    }

    [Theory]
    [InlineData("mixed")]
    [InlineData("dropped")]
    [InlineData("turned, dropped")]
    [InlineData("staged")]
    [InlineData("turned")]
    [InlineData("turned, staged")]
    public void Branches_of_a_prefix_do_not_see_each_other(string policy)
    {
        int[] tokens = micro.Tokens(Length);
        (int Start, int Count)[] endings = [(20, 11), (31, 7), (38, 20), (58, 1)];
        KvTier[] tiers = Tiers(policy.EndsWith("dropped", StringComparison.Ordinal) ? policy : "mixed");
        using Session together = Open(Arithmetic.Int8, policy), apart = Open(Arithmetic.Int8, policy);
        int rows = 20 + endings.Sum(ending => ending.Count);
        KvTier[] known = policy.EndsWith("staged", StringComparison.Ordinal) ? [] : tiers[..rows];

        together.Run(tokens.AsSpan(0, rows), [new Segment(0, 20), .. endings.Select(ending => new Segment(20, ending.Count))], known);
        float[][] batched = Visit(together, 0, rows);

        apart.Run(tokens.AsSpan(0, 20), [new Segment(0, 20)], known.AsSpan(0, Math.Min(20, known.Length)));
        Assert.Equal(Visit(apart, 0, 20), batched[..20]);
        foreach ((int start, int count) in endings)
        {
            apart.Run(tokens.AsSpan(start, count), [new Segment(20, count)], known.Length == 0 ? [] : tiers.AsSpan(start, count));
            Assert.Equal(Visit(apart, 0, count), batched[start..(start + count)]);
        }

        Assert.Equal(20 + endings[^1].Count, together.Cache.Count);
        Assert.Equal(known.Length == 0 ? 21 : 0, together.Cache.Staged);
    }

    /// <summary>Over 256 tokens threads share a head and merge their parts; nothing is coded here, so that the difference stays small.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Heads_that_threads_share_merge_to_the_whole(int threads)
    {
        const int Long = 300;
        int[] tokens = micro.Tokens(Long);
        SessionOptions options = new() { Threads = threads, MaxBatch = Long, Cache = new KvCacheOptions { MaxTokens = Long, Staging = BitWidth.ThirtyTwo } };
        using Session decoding = new(micro.Float, options), batched = new(micro.Float, options);
        batched.Run(tokens.AsSpan(0, Long - 20), [new Segment(0, Long - 20)], []);
        decoding.Prefill(tokens.AsSpan(0, Long - 20));
        KvTier[] tiers = [.. Enumerable.Repeat(ThirtyTwo, Long - 20)];
        batched.Encode(tiers);
        decoding.Encode(tiers);

        batched.Run(tokens.AsSpan(Long - 20), [new Segment(Long - 20, 20)], tiers.AsSpan(0, 20));

        Agree(Visit(batched, 0, 20), Decode(decoding, tokens[^20..], tiers), 0.01);
    }

    /// <summary>Keys are stored without a mean that differs from stretch to stretch; attention gives it back, in every way through the layers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mean_that_turns_with_the_position_changes_nothing_but_what_is_stored(bool precise)
    {
        int[] tokens = micro.Tokens(Length);
        KvTier[] tiers = Tiers("32");
        using Session plain = Open(Arithmetic.Float, "32"), decoding = Open(Arithmetic.Float, "turned, 32", precise: precise);
        using Session prompt = Open(Arithmetic.Float, "turned, 32", precise: precise), recent = Open(Arithmetic.Float, "turned, 32", precise: precise);
        float[][] expected = Decode(plain, tokens, tiers);
        prompt.Prefill(tokens);
        recent.RunRecent(tokens.AsSpan(0, 60), 40, tiers.AsSpan(0, 20));
        float[][] first = Visit(recent, 0, 60);
        recent.RunRecent(tokens.AsSpan(60), 40, tiers.AsSpan(0, 10));

        Agree(expected, Decode(decoding, tokens, tiers), 2e-4);
        Agree(expected, Visit(prompt, 0, Length), 2e-4);
        Agree(expected, [.. first, .. Visit(recent, 0, 10)], 2e-4);
        Assert.All(Rows(plain, 4).Zip(Rows(decoding, 4)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void Integer_attention_stays_near_the_precise_one()
    {
        int[] tokens = micro.Tokens(Length);
        KvTier[] tiers = Tiers("4");
        using Session fused = Open(Arithmetic.Float, "4"), precise = Open(Arithmetic.Float, "4", precise: true);

        float[][] expected = Decode(precise, tokens, tiers), actual = Decode(fused, tokens, tiers);

        double error = Math.Sqrt(expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => (double)(x - y) * (x - y)).Sum()).Sum());
        double size = Math.Sqrt(expected.Sum(row => row.Sum(x => (double)x * x)));
        TestContext.Current.TestOutputHelper?.WriteLine($"relative error of the logits {error / size:G3}");
        Assert.InRange(error / size, 1e-6, 0.06);
    }

    private Session Open(Arithmetic arithmetic, string policy, int threads = 2, bool precise = false) => new(micro[arithmetic], new SessionOptions
    {
        Threads = threads,
        MaxBatch = Length,
        PreciseAttention = precise,
        Cache = new KvCacheOptions
        {
            MaxTokens = Length,
            Staging = policy.EndsWith("32", StringComparison.Ordinal) ? BitWidth.ThirtyTwo : BitWidth.Sixteen,
            Transform = policy.StartsWith("turned", StringComparison.Ordinal) ? Turned() : null,
        },
    });

    private KvTransform Turned()
    {
        CacheShape shape = micro.Float.CacheShape;
        Random random = new(7);
        float[] Table(float least) => [.. Enumerable.Range(0, shape.Lanes * shape.HeadDim).Select(_ => least + random.NextSingle())];
        return new KvTransform(shape, rotate: true, Table(-0.5f), Table(0.5f), turns: new MeanTurns(shape.HeadDim, 10_000, interleaved: true, positions: 64));
    }

    private static KvTier[] Tiers(string policy)
    {
        KvTier[] mixed = [Two, Sixteen, Four, Eight, new(BitWidth.Eight, BitWidth.Four), Four], dropped = [.. mixed.Select(tier => tier == Four ? KvTier.Dropped : tier)];
        return [.. Enumerable.Range(0, Length).Select(i => policy switch
        {
            "mixed" or "turned" => mixed[i * i % 6],
            "dropped" or "turned, dropped" => dropped[i * i % 6],
            _ => KvTier.Of((BitWidth)int.Parse(policy)),
        })];
    }

    private static float[][] Decode(Session session, int[] tokens, KvTier[] tiers)
    {
        float[][] logits = new float[tokens.Length][];
        for (int i = 0; i < tokens.Length; i++)
        {
            logits[i] = session.Decode(tokens[i]).ToArray();
            session.Encode(tiers[i]);
        }

        return logits;
    }

    private static float[][] Visit(Session session, int first, int count)
    {
        float[][] logits = new float[count][];
        session.VisitLogits(first, count, (row, values) => logits[row - first] = values.ToArray());
        return logits;
    }

    private static float[][] Rows(Session session, int lane) => [.. Enumerable.Range(0, session.Cache.Count).Select(position =>
    {
        float[] rows = new float[2 * session.Cache.Shape.HeadDim];
        session.Cache.Read(position, lane, rows.AsSpan(0, rows.Length / 2), rows.AsSpan(rows.Length / 2));
        return rows;
    })];

    private static void Agree(float[][] expected, float[][] actual, double tolerance)
    {
        double worst = expected.Zip(actual, (e, a) => e.Zip(a, (x, y) => Math.Abs((double)x - y)).Max()).Max();
        TestContext.Current.TestOutputHelper?.WriteLine($"logits differ by up to {worst:G3}");
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(worst, 0, tolerance);
    }
}
