using System.Threading.Channels;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Server.Scheduling;
using AdaptiveKv.Server.Wire;
using AdaptiveKv.Unit.Inference;

namespace AdaptiveKv.Unit.Server;

/// <summary>Sequences under one budget: who waits, what is shared, what comes back.</summary>
public sealed class SchedulerTests(MicroModel models) : IClassFixture<MicroModel>
{
    private const long Budget = 400_000;

    /// <summary>
    /// Random requests: all end and the budget holds. At 16 bits each says what it says alone, whoever runs beside it and whatever is shared; with fewer a part of a
    /// prompt sees itself at 16 bits, and where parts begin hangs on what is shared.
    /// </summary>
    [Theory]
    [InlineData("static-16", true)]
    [InlineData("static-4+sinks1", false)]
    [InlineData("static-3+recent8", false)]
    public async Task ManySequencesSayWhatEachSaysAlone(string policy, bool isWhole)
    {
        Random random = new(3);
        int[] tokens = models.Tokens(400);
        SequenceRequest[] requests = [.. Enumerable.Range(0, 24).Select(i => Request([.. tokens[..(random.Next(4) * 11)], .. tokens[(i * 5)..((i * 5) + random.Next(20, 60))]], 10))];
        List<string> alone = [];
        using (Scheduler one = Start(policy, null, slots: 1, keep: TimeSpan.Zero))
        {
            foreach (SequenceRequest request in requests)
            {
                alone.Add((await Answers(one.Submit([request]), 1)).Single().Text);
            }
        }

        using Scheduler scheduler = Start(policy, Budget, slots: 6, keep: TimeSpan.FromMinutes(1));
        (SequenceResult Result, string Text)[] answers = await Answers(scheduler.Submit(requests), requests.Length);

        Assert.All(answers, answer => Assert.InRange(answer.Result.Tokens, 1, 10));
        Assert.Contains(answers, answer => answer.Result.Shared > 0);
        if (isWhole)
        {
            Assert.Equal(alone, answers.Select(answer => answer.Text));
        }

        Assert.InRange(scheduler.Pool.PeakBytes, 1, Budget);
        Assert.True(SpinWait.SpinUntil(() => scheduler.State.Running == 0, 10_000));
        Assert.Equal(scheduler.Pool.Bytes, scheduler.State.KeptBytes);
        Assert.Equal(scheduler.Pool.Bytes, scheduler.State.Caches.Sum(tier => tier.Bytes));
    }

    [Fact]
    public async Task TokensOfAPromptKnowHowManyAreStillToCome()
    {
        using Scheduler scheduler = Start("rule-log_remaining-2-1.5-8", null, slots: 1, keep: TimeSpan.FromMinutes(1));

        await Results(scheduler.Submit([Request(models.Tokens(60), 5)]), 1);

        // ln(1 + 4) is above 1.5, ln(1 + 3) is not: all of a prompt but its last four tokens.
        Assert.Equal(56, scheduler.State.Caches.Single(tier => tier.Tier == KvTier.Of(BitWidth.Eight)).Tokens);
    }

    [Fact]
    public async Task APromptThatIsReadOnceServesAllItsAnswers()
    {
        using Scheduler scheduler = Start("static-4", Budget, slots: 4, keep: TimeSpan.Zero);
        int[] prompt = models.Tokens(120);

        SequenceResult[] results = await Results(scheduler.Submit([.. Enumerable.Range(0, 4).Select(_ => Request(prompt, 20))]), 4);

        Assert.Equal([0, 119, 119, 119], results.Select(result => result.Shared));
        Assert.True(SpinWait.SpinUntil(() => scheduler.State.Running == 0 && scheduler.Pool.Bytes == 0, 10_000), $"{scheduler.Pool.Bytes} bytes are left");
        Assert.Equal(123, scheduler.State.PromptTokens);
    }

    [Fact]
    public async Task ATurnBeginsWithWhatTheTurnBeforeLeft()
    {
        using Scheduler scheduler = Start("static-8", Budget, slots: 2, keep: TimeSpan.FromMinutes(1));
        int[] tokens = models.Tokens(200);
        await Results(scheduler.Submit([Request(tokens[..100], 5)]), 1);

        SequenceResult second = (await Results(scheduler.Submit([Request(tokens[..160], 5)]), 1)).Single();

        Assert.InRange(second.Shared, 100, 104);
    }

    /// <summary>Kept caches give way, borrowed ones among them, however they hang together.</summary>
    [Fact]
    public async Task KeptCachesGiveWayToWhatNeedsTheirBytes()
    {
        using Scheduler scheduler = Start("static-16", Budget, slots: 2, keep: TimeSpan.FromMinutes(1));
        int[] tokens = models.Tokens(300);
        for (int length = 40; length <= 120; length += 20)
        {
            await Results(scheduler.Submit([Request(tokens[..length], 3)]), 1);
        }

        Assert.True(scheduler.Pool.Bytes > 0);
        int most = scheduler.MostTokens;
        int[] other = [.. tokens.Reverse(), .. tokens.Reverse()];
        SequenceResult whole = (await Results(scheduler.Submit([Request(other[..(most - 4)], 4)]), 1)).Single();

        Assert.Equal(0, whole.Shared);
        Assert.InRange(scheduler.Pool.PeakBytes, Budget / 2, Budget);
    }

    [Fact]
    public async Task WhoLeavesGivesTheSlotToTheNext()
    {
        using CancellationTokenSource gone = new();
        using Scheduler scheduler = Start("static-16", null, slots: 1, keep: TimeSpan.Zero, _ => gone.Token.WaitHandle.WaitOne());
        ChannelReader<Piece> first = scheduler.Submit([Request(models.Tokens(20), 900) with { Cancellation = gone.Token }]);
        ChannelReader<Piece> second = scheduler.Submit([Request(models.Tokens(30), 5)]);
        await first.ReadAsync(TestContext.Current.CancellationToken);
        await gone.CancelAsync();

        Assert.Single(await Results(second, 1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Results(first, 1));
    }

    /// <summary>A failure within the threads, which all sequences share, is one request's and not the server's.</summary>
    [Fact]
    public async Task WhoComesAfterAFailureOfTheThreadsIsServedAsBefore()
    {
        using Scheduler scheduler = Start("static-4", Budget, slots: 4, keep: TimeSpan.FromMinutes(1));
        SequenceRequest request = Request(models.Tokens(60), 10);
        string before = (await Answers(scheduler.Submit([request]), 1)).Single().Text;
        Assert.True(SpinWait.SpinUntil(() => scheduler.State.Running == 0, 10_000));
        Assert.Throws<InvalidOperationException>(() => scheduler.Team.Run(_ => throw new OutOfMemoryException()));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Answers(scheduler.Submit([request]), 1));
        Assert.Equal(before, (await Answers(scheduler.Submit([request]), 1)).Single().Text);

        Assert.True(SpinWait.SpinUntil(() => scheduler.State.Running == 0, 10_000));
        Assert.Equal(scheduler.Pool.Bytes, scheduler.State.KeptBytes);
    }

    [Fact]
    public async Task AStopFailsWhoWaitsAndTellsWhoRuns()
    {
        Scheduler? scheduler = null;
        scheduler = Start("static-16", null, slots: 1, keep: TimeSpan.Zero, _ => SpinWait.SpinUntil(() => scheduler!.IsStopping));
        ChannelReader<Piece> running = scheduler.Submit([Request(models.Tokens(20), 1000)]), waiting = scheduler.Submit([Request(models.Tokens(30), 1000)]);
        await running.ReadAsync(TestContext.Current.CancellationToken);

        Assert.False(scheduler.Stop(TimeSpan.Zero));
        Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(async () => await Results(running, 1))).Status);
        Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(async () => await Results(waiting, 1))).Status);
        Assert.Equal(503, Assert.Throws<ApiException>(() => scheduler.Submit([Request([1], 1)])).Status);
        scheduler.Dispose();
        Assert.Equal(0, scheduler.Pool.Bytes);
    }

    [Fact]
    public void APolicyThatNobodyCanBoundIsRefused() =>
        Assert.Contains("rule-entropy", Assert.Throws<ArgumentException>(() => Start("rule-entropy-2-0.9-4", Budget, 1, TimeSpan.Zero)).Message, StringComparison.Ordinal);

    // A hook at the first token can hold the sequence there, so that a busy machine cannot let it end before the test goes on.
    private Scheduler Start(string policy, long? budget, int slots, TimeSpan keep, Action<TimeSpan>? firstToken = null) =>
        new(models.Int8, new SchedulerOptions([() => PolicyCatalog.ParseOne(policy)], budget, new KvCacheOptions { Range = RangeSearch.Clip }, 2, slots, 64, keep), TimeProvider.System)
        {
            FirstToken = firstToken,
        };

    private static SequenceRequest Request(int[] prompt, int maxTokens) => new(prompt, maxTokens, new SamplingOptions(), [], null, false, CancellationToken.None);

    private static async Task<SequenceResult[]> Results(ChannelReader<Piece> pieces, int count) => [.. (await Answers(pieces, count)).Select(answer => answer.Result)];

    private static async Task<(SequenceResult Result, string Text)[]> Answers(ChannelReader<Piece> pieces, int count)
    {
        (SequenceResult Result, string Text)[] answers = new (SequenceResult, string)[count];
        int left = count;
        await foreach (Piece piece in pieces.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            answers[piece.Index].Text += piece.Text;
            if (piece.Result is { } result)
            {
                answers[piece.Index].Result = result;
                left--;
            }

            if (left == 0)
            {
                break;
            }
        }

        return answers;
    }
}
