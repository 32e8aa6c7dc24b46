using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Inference;

/// <summary>Sessions of other policies and lengths, some of which come and go: each gets to the bit what it gets alone.</summary>
[Collection(Alone.Name)]
public sealed class SessionBatchTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Steps = 20;
    private const int MaxTokens = 1100;

    /// <summary>Long enough for a past that is cut into pieces, and the shortest.</summary>
    private static readonly (string Policy, int Length)[] Sequences =
    [
        ("static-16", 300), ("static-4+sinks1", 1), ("static-2+sinks1+recent8", 40), ("rule-surprisal-2-4-4+recent8+escalate10", 90), ("static-k8v2", 1060), ("mix-2-2-4-8", 33),
        ("static-4+recent100", 77),
    ];

    [Theory]
    [Trait("Category", "Kernels")]
    [InlineData(Arithmetic.Int8, 1, 2)]
    [InlineData(Arithmetic.Int8, 2, 1)]
    [InlineData(Arithmetic.Int8, 1, 5)]
    [InlineData(Arithmetic.Int8Single, 1, 2)]
    [InlineData(Arithmetic.Float, 1, 2)]
    public void Together_is_as_alone(Arithmetic arithmetic, int threadsAlone, int threadsTogether)
    {
        AdaptiveSession[] alone = Open(arithmetic, threadsAlone), together = Open(arithmetic, threadsAlone);
        using SessionBatch batch = new(micro[arithmetic], Sequences.Length, threadsTogether);
        int[] tokens = micro.Tokens(MaxTokens);
        for (int step = 0; step < Steps; step++)
        {
            int[] present = [.. Enumerable.Range(0, Sequences.Length).Where(i => (step + i) % 4 != 0).OrderBy(i => step % 2 == 0 ? i : -i)];
            NextTokenStatistics[] next = new NextTokenStatistics[present.Length];
            batch.Step([.. present.Select(i => together[i])], [.. present.Select(i => tokens[together[i].Cache.Count])], next);
            for (int row = 0; row < present.Length; row++)
            {
                float[] expected = alone[present[row]].Step(tokens[alone[present[row]].Cache.Count], out NextTokenStatistics statistics).ToArray();
                Assert.Equal(expected, together[present[row]].Logits.ToArray());
                Assert.Equal(statistics, next[row]);
            }

            // Who was not there takes a step of its own now and then.
            foreach (int absent in Enumerable.Range(0, Sequences.Length).Except(present).Where(i => i % 2 == 0))
            {
                int token = tokens[alone[absent].Cache.Count];
                Assert.Equal(alone[absent].Step(token).ToArray(), together[absent].Step(token).ToArray());
            }
        }

        for (int i = 0; i < Sequences.Length; i++)
        {
            Assert.Equal(Tiers(alone[i]), Tiers(together[i]));
            Assert.Equal(alone[i].Statistics().Bytes, together[i].Statistics().Bytes);
            alone[i].Dispose();
            together[i].Dispose();
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        AdaptiveSession[] sessions = Open(Arithmetic.Int8, 1);
        using SessionBatch batch = new(micro.Int8, Sequences.Length, 2);
        int[] tokens = micro.Tokens(MaxTokens), fed = new int[sessions.Length];
        (long own, long all) least = (long.MaxValue, long.MaxValue);
        for (int attempt = 0; attempt < 6 && least != (0, 0); attempt++)
        {
            for (int i = 0; i < sessions.Length; i++)
            {
                sessions[i].Reset();
                sessions[i].Advance(tokens.AsSpan(0, Sequences[i].Length), null);
            }

            long ownBefore = GC.GetAllocatedBytesForCurrentThread(), allBefore = GC.GetTotalAllocatedBytes(precise: true);
            for (int step = 0; step < Steps; step++)
            {
                for (int i = 0; i < sessions.Length; i++)
                {
                    fed[i] = tokens[sessions[i].Cache.Count];
                }

                batch.Step(sessions, fed);
            }

            long all = GC.GetTotalAllocatedBytes(precise: true) - allBefore;
            least = (Math.Min(least.own, GC.GetAllocatedBytesForCurrentThread() - ownBefore), Math.Min(least.all, all));
        }

        Assert.Equal((0, 0), least);
        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public void What_cannot_run_together_changes_nothing()
    {
        using AdaptiveSession first = Open("static-4", 5), second = Open("static-16", MaxTokens), other = Open("static-16", 5, Arithmetic.Float);
        using SessionBatch batch = new(micro.Int8, 2, 1);

        Assert.Contains("0 sessions: a step of this batch takes 1 to 2", Fault([], []), StringComparison.Ordinal);
        Assert.Contains("3 sessions: a step of this batch takes 1 to 2", Fault([first, second, other], [1, 2, 3]), StringComparison.Ordinal);
        Assert.Contains("1 tokens and room for 0 statistics, for 2 sessions", Fault([first, second], [1]), StringComparison.Ordinal);
        Assert.Contains("session 1 is of another model", Fault([first, other], [1, 2]), StringComparison.Ordinal);
        Assert.Contains("session 1 is there twice", Fault([first, first], [1, 2]), StringComparison.Ordinal);
        Assert.Contains($"session 1 is full: its cache holds {MaxTokens} tokens", Fault([first, second], [1, 2]), StringComparison.Ordinal);
        Assert.Contains("token ids are 0 to 639", Fault([first], [640]), StringComparison.Ordinal);
        Assert.Equal((5, 0, 5), (first.Cache.Count, first.Cache.Staged, other.Cache.Count));

        string Fault(AdaptiveSession[] sessions, int[] tokens) => Assert.ThrowsAny<ArgumentException>(() => batch.Step(sessions, tokens)).Message;
    }

    private static KvTier[] Tiers(AdaptiveSession session) => [.. Enumerable.Range(0, session.Cache.Count).Select(session.Cache.TierAt)];

    private AdaptiveSession[] Open(Arithmetic arithmetic, int threads) => [.. Sequences.Select(sequence => Open(sequence.Policy, sequence.Length, arithmetic, threads))];

    private AdaptiveSession Open(string policy, int length, Arithmetic arithmetic = Arithmetic.Int8, int threads = 1)
    {
        AdaptiveSession session = new(micro[arithmetic], PolicyCatalog.ParseOne(policy), CacheMode.Prefill, new EngineSetup(threads, new KvCacheOptions()), MaxTokens);
        session.Advance(micro.Tokens(length), null);
        return session;
    }
}
