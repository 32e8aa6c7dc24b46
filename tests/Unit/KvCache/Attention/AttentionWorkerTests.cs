using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.KvCache.Streams;
using FsCheck;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.KvCache.Attention;

/// <summary>Attention over packed streams against softmax attention in double precision over the rows that the cache gives back.</summary>
[Trait("Category", "Kernels")]
public sealed unsafe class AttentionWorkerTests
{
    private static readonly Config Programs =
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(100).WithStartSize(10).WithEndSize(60).WithReplay(20250118, 1);

    public static TheoryData<int, int, int> Shapes => [(1, 64, 0), (2, 64, 32), (3, 64, 0), (4, 32, 0), (6, 96, 32), (3, 128, 64), (5, 128, 0)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Precise_attention_equals_double_precision(int heads, int headDim, int group) => ForRandomCaches(heads, headDim, group, pair =>
    {
        float[] queries = Queries(pair.Packed, pair.Naive.Count);
        Assert.InRange(RelativeError(Attend(pair.Packed, queries, precise: true), Expected(pair, queries)), 0, 1e-4);
    });

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_pieces_of_a_long_past_merge_to_the_whole_whoever_attends_to_them(int heads, int headDim, int group)
    {
        using CachePair pair = new(new CacheShape(1, 2, heads, headDim), new KvCacheOptions { GroupSize = group }, 3, maxTokens: 600);
        while (pair.Naive.Count < 600)
        {
            pair.Add(Math.Min(40, 600 - pair.Naive.Count), staged: true);
            pair.Encode();
        }

        float[] queries = Queries(pair.Packed, 1);
        foreach (bool precise in (bool[])[true, false])
        {
            float[] whole = Attend(pair.Packed, queries, precise), one = Merged(pair.Packed, queries, precise, workers: 1);

            Assert.InRange(RelativeError(one, [.. whole.Select(x => (double)x)]), 0, 1e-5);
            Assert.All((int[])[2, 3, 16], workers => Assert.Equal(one, Merged(pair.Packed, queries, precise, workers)));
        }
    }

    // Two roundings: the int8 query and the 7-bit weights of each block; at 4 bits the code itself costs about 0.15.
    [Theory]
    [InlineData(BitWidth.Two, 0.06)]
    [InlineData(BitWidth.Three, 0.06)]
    [InlineData(BitWidth.Four, 0.06)]
    [InlineData(BitWidth.Eight, 0.06)]
    [InlineData(BitWidth.Sixteen, 1e-5)]
    [InlineData(BitWidth.ThirtyTwo, 1e-5)]
    public void The_fused_kernels_stay_near_the_reference_on_normal_rows(BitWidth width, double tolerance)
    {
        double worst = 0;
        foreach (int tokens in (int[])[1, 7, 33, 100, 190])
        {
            using CachePair pair = new(new CacheShape(1, 1, 3, 64), new KvCacheOptions { Staging = BitWidth.ThirtyTwo }, tokens);
            pair.Add(tokens, staged: true);
            KvTier[] tiers = [.. Enumerable.Repeat(KvTier.Of(width), tokens)];
            pair.Packed.Encode(tiers);
            pair.Naive.Encode(tiers);
            float[] queries = Queries(pair.Packed, tokens);

            worst = Math.Max(worst, RelativeError(Attend(pair.Packed, queries, precise: false), Expected(pair, queries)));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{(int)width} bits: worst relative error {worst:G3}");
        Assert.InRange(worst, 0, tolerance);
    }

    [Fact]
    public void A_token_outside_the_cache_counts_as_one_inside()
    {
        using CachePair pair = new(new CacheShape(1, 1, 3, 64), new KvCacheOptions { Staging = BitWidth.ThirtyTwo }, 5);
        pair.Add(40, staged: true);
        float[] queries = Queries(pair.Packed, 1);
        float[] whole = Attend(pair.Packed, queries, precise: false);
        NaiveCache.Token last = pair.Naive.Tokens[^1];
        pair.Packed.Rewind(39);
        using AttentionWorker worker = new(pair.Packed);
        worker.Begin(0, 0, pair.Naive.Count, queries);
        worker.Attend(0, 0, pair.Packed.Counts);
        worker.AttendToken(0, 39, last.Keys[0], last.Values[0]);
        float[] output = new float[queries.Length];

        worker.Finish(0, output);

        Assert.InRange(RelativeError(output, [.. whole.Select(x => (double)x)]), 0, 1e-5);
    }

    /// <summary>Neighbouring tokens see what they see alone, to the bit, whatever of it they read together.</summary>
    [Theory]
    [InlineData(3, 64)]
    [InlineData(4, 32)]
    [InlineData(5, 128)]
    public void Together_is_as_alone_to_the_bit(int heads, int headDim)
    {
        KvTier[] tiers = [KvTier.Of(BitWidth.Sixteen), KvTier.Of(BitWidth.Four), new(BitWidth.Sixteen, BitWidth.Two), new(BitWidth.Three, BitWidth.Sixteen), KvTier.Dropped];
        using CachePair pair = new(new CacheShape(1, 2, heads, headDim), new KvCacheOptions(), 7, maxTokens: 600);
        pair.Add(400, staged: true);
        PackedKvCache cache = pair.Packed;
        cache.Encode([.. Enumerable.Range(0, 350).Select(i => tiers[i * i % 7 % tiers.Length])]);
        int rows = AttentionWorker.MostTogether;
        int[] counts = new int[rows * PackedKvCache.MaxStreams];
        for (int row = 0; row < rows; row++)
        {
            for (int stream = 0; stream < PackedKvCache.MaxStreams; stream++)
            {
                counts[(row * PackedKvCache.MaxStreams) + stream] = Math.Max(cache.Counts[stream] - (2 * (rows - 1 - row)), 0);
            }
        }

        AttentionWorker[] workers = [.. Enumerable.Range(0, rows).Select(_ => new AttentionWorker(cache))];
        for (int row = 0; row < rows; row++)
        {
            workers[row].Begin(0, 1, cache.Count, Queries(cache, row));
        }

        using NativeBuffer wide = NativeBuffer.OfFloats(StreamBlock.Tokens * headDim);
        workers[0].AttendTogether(workers, 0, 1, counts, wide.Floats);
        for (int row = 0; row < rows; row++)
        {
            float[] together = new float[heads * headDim], alone = new float[heads * headDim];
            workers[row].Finish(1, together);
            workers[row].Begin(0, 1, cache.Count, Queries(cache, row));
            workers[row].Attend(0, 1, counts.AsSpan(row * PackedKvCache.MaxStreams, PackedKvCache.MaxStreams));
            workers[row].Finish(1, alone);
            Assert.Equal(alone, together);
            workers[row].Dispose();
        }
    }

    /// <summary>Dropped tokens are not there: no sum, no piece and no byte is another than in a cache that never had them.</summary>
    [Fact]
    public void Dropped_tokens_change_nothing_to_the_bit()
    {
        CacheShape shape = new(1, 2, 3, 64);
        KvTier[] tiers = [KvTier.Dropped, KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Four), KvTier.Dropped, KvTier.Of(BitWidth.Sixteen)];
        using PackedKvCache all = new(shape, new KvCacheOptions { MaxBytes = 1 << 20 }), kept = new(shape, new KvCacheOptions { MaxBytes = 1 << 20 });
        Random random = new(11);
        for (int position = 0; position < 1000; position++)
        {
            KvTier tier = tiers[random.Next(tiers.Length)];
            float[][] rows = Gaussian.Rows(random, 2 * shape.Lanes, shape.HeadDim);
            foreach (PackedKvCache cache in tier == KvTier.Dropped ? (PackedKvCache[])[all] : [all, kept])
            {
                TokenPlace place = cache.Append(tier);
                for (int lane = 0; lane < shape.Lanes; lane++)
                {
                    cache.WriteKey(place, lane, rows[2 * lane]);
                    cache.WriteValue(place, lane, rows[(2 * lane) + 1]);
                }
            }
        }

        Assert.InRange(kept.Count, 550, 650);
        Assert.Equal(kept.Counts, all.Counts);
        Assert.Equal(kept.Statistics().Bytes, all.Statistics().Bytes);
        foreach (bool precise in (bool[])[true, false])
        {
            Assert.Equal(Attend(kept, Queries(kept, 1), precise), Attend(all, Queries(all, 1), precise));
            Assert.Equal(Merged(kept, Queries(kept, 1), precise, workers: 2), Merged(all, Queries(all, 1), precise, workers: 2));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void Where_there_is_nothing_to_see_the_output_is_zero(int dropped)
    {
        using PackedKvCache cache = new(new CacheShape(1, 2, 3, 64), new KvCacheOptions());
        for (int i = 0; i < dropped; i++)
        {
            cache.Append(KvTier.Dropped);
        }

        Assert.All((bool[])[true, false], precise => Assert.All(Attend(cache, Queries(cache, 1), precise), value => Assert.Equal(0f, value)));
    }

    private static void ForRandomCaches(int heads, int headDim, int group, Action<CachePair> check) =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), program =>
        {
            using CachePair pair = new(new CacheShape(1, 2, heads, headDim), new KvCacheOptions { GroupSize = group }, program.Length);
            pair.Add(1, staged: true);
            pair.Encode();
            for (int i = 0; i + 1 < program.Length; i += 2)
            {
                pair.Step(program[i], program[i + 1]);
            }

            if (Seen(pair).Any())
            {
                check(pair);
            }
        }).Check(Programs);

    private static float[] Queries(PackedKvCache cache, int seed) =>
        Gaussian.Row(new Random(seed), cache.Shape.QueriesPerKvHead * cache.Shape.HeadDim);

    /// <summary>Outputs of the last lane.</summary>
    private static float[] Attend(PackedKvCache cache, float[] queries, bool precise)
    {
        int head = cache.Shape.KvHeads - 1;
        using AttentionWorker worker = new(cache, precise);
        worker.Begin(0, head, cache.Count, queries);
        worker.Attend(0, head, cache.Counts);
        float[] output = new float[queries.Length];
        worker.Finish(head, output);
        return output;
    }

    /// <summary>The same by several workers, each with every so manieth piece, the last pieces first.</summary>
    private static float[] Merged(PackedKvCache cache, float[] queries, bool precise, int workers)
    {
        int head = cache.Shape.KvHeads - 1;
        using AttentionParts parts = new(cache);
        parts.Cut(AttentionWorker.Blocks(cache.Counts));
        Assert.True(parts.Pieces > 1, "nothing is cut");
        for (int own = 0; own < workers; own++)
        {
            using AttentionWorker worker = new(cache, precise);
            worker.Begin(0, head, cache.Count, queries);
            for (int piece = parts.Pieces - 1 - own; piece >= 0; piece -= workers)
            {
                (int first, int last) = parts.BlocksOf(piece);
                worker.BeginPiece(parts, head, piece);
                worker.AttendBlocks(0, head, cache.Counts, first, last);
            }
        }

        using AttentionWorker merged = new(cache, precise);
        merged.Merge(parts, head);
        float[] output = new float[queries.Length];
        merged.Finish(head, output);
        return output;
    }

    private static IEnumerable<NaiveCache.Token> Seen(CachePair pair) => pair.Naive.Tokens.Where(token => token.Tier != KvTier.Dropped);

    private static double[] Expected(CachePair pair, float[] queries)
    {
        int headDim = pair.Packed.Shape.HeadDim;
        int lane = pair.Packed.Shape.KvHeads - 1;
        NaiveCache.Token[] tokens = [.. Seen(pair)];
        double[] output = new double[queries.Length];
        for (int head = 0; head < pair.Packed.Shape.QueriesPerKvHead; head++)
        {
            float[] query = queries[(head * headDim)..((head + 1) * headDim)];
            double[] scores = [.. tokens.Select(token => token.Keys[lane].Zip(query, (k, q) => (double)k * q).Sum() / Math.Sqrt(headDim))];
            double top = scores.Max();
            double total = scores.Sum(score => Math.Exp(score - top));
            for (int token = 0; token < scores.Length; token++)
            {
                for (int i = 0; i < headDim; i++)
                {
                    output[(head * headDim) + i] += Math.Exp(scores[token] - top) / total * tokens[token].Values[lane][i];
                }
            }
        }

        return output;
    }

    private static double RelativeError(float[] actual, double[] expected) =>
        Math.Sqrt(actual.Zip(expected, (a, e) => (a - e) * (a - e)).Sum() / expected.Sum(e => e * e));
}
