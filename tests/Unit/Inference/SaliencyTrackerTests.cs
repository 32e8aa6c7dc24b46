using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Inference;

public sealed class SaliencyTrackerTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Length = 24;

    [Fact]
    public void Every_feature_is_what_its_name_says()
    {
        int[] tokens = micro.Tokens(Length);
        RarityTable rarity = RarityTable.Of(micro.Float.Shape.Vocabulary, tokens);
        (SaliencyTracker tracker, float[][] logits) = Read(tokens, SaliencyFeatures.All, rarity);

        for (int position = 1; position < Length; position++)
        {
            NextTokenStatistics own = NextTokenStatistics.Of(logits[position]), before = NextTokenStatistics.Of(logits[position - 1]);
            float Value(SaliencyFeature feature) => tracker.Of(position)[(int)feature];

            Assert.Equal(own.Entropy, Value(SaliencyFeature.Entropy), 1e-5);
            Assert.Equal(own.TopProbability, Value(SaliencyFeature.Confidence), 1e-6);
            Assert.Equal(before.Entropy, Value(SaliencyFeature.PreviousEntropy), 1e-5);
            Assert.Equal(before.LogSumExp - logits[position - 1][tokens[position]], Value(SaliencyFeature.Surprisal), 1e-5);
            Assert.Equal(rarity[tokens[position]], Value(SaliencyFeature.Rarity));
            Assert.Equal(Math.Log(1 + position), Value(SaliencyFeature.LogPosition), 1e-6);
            string piece = micro.Float.Tokenizer.Decode([tokens[position]]);
            Assert.Equal(char.IsWhiteSpace(piece[0]) ? 1 : 0, Value(SaliencyFeature.WordStart));
            Assert.Equal(piece.Trim().Length, Value(SaliencyFeature.PieceLength));
            Assert.True(Value(SaliencyFeature.Error2) > Value(SaliencyFeature.Error3));
            Assert.True(Value(SaliencyFeature.Error3) > Value(SaliencyFeature.Error4));
            Assert.True(Value(SaliencyFeature.Error4) > Value(SaliencyFeature.Error8));
        }

        Assert.Equal(float.NaN, tracker.Of(0)[(int)SaliencyFeature.Surprisal]);
        Assert.Equal(float.NaN, tracker.Of(0)[(int)SaliencyFeature.PreviousEntropy]);
    }

    /// <summary>However the prompt is cut, and in an answer nothing of it is to come.</summary>
    [Fact]
    public void Tokens_of_a_prompt_know_how_many_are_still_to_come()
    {
        int[] tokens = micro.Tokens(Length);
        using Session session = Open(0);
        SaliencyTracker tracker = new(micro.Float, new SaliencyNeeds([SaliencyFeature.LogRemaining], null, 0), Length) { PromptEnd = Length - 5 };
        Add(tracker, session, tokens.AsSpan(0, 7));
        Add(tracker, session, tokens.AsSpan(7, 10));
        Step(tracker, session, tokens.AsSpan(17));

        float[] found = [.. tokens.Select((_, position) => tracker.Of(position)[(int)SaliencyFeature.LogRemaining])];

        Assert.Equal([.. tokens.Select((_, position) => (float)Math.Log(1 + Math.Max(Length - 6 - position, 0)))], found, (expected, own) => Math.Abs(expected - own) < 1e-6);
        Assert.Equal([.. tokens.Select((_, position) => Math.Max(Length - 6 - position, 0))], found.Select(TokenTable.TokensOf));
        Assert.All((int[])[0, 1, 1000, 131_071], remaining => Assert.Equal(remaining, TokenTable.TokensOf(MathF.Log(1 + remaining))));
    }

    [Fact]
    public void What_is_not_asked_for_stays_unknown()
    {
        (SaliencyTracker tracker, _) = Read(micro.Tokens(Length), [SaliencyFeature.LogPosition], null);

        Assert.False(tracker.NeedsLogits || tracker.NeedsSignals);
        Assert.All(
            SaliencyFeatures.All.Where(feature => feature != SaliencyFeature.LogPosition),
            feature => Assert.Equal(float.NaN, tracker.Of(5)[(int)feature]));
    }

    [Fact]
    public void A_branch_knows_the_prediction_it_follows()
    {
        int[] tokens = micro.Tokens(Length);
        using Session session = Open(8);
        SaliencyTracker tracker = new(micro.Float, new SaliencyNeeds([SaliencyFeature.Surprisal], null, 0), Length);
        Add(tracker, session, tokens.AsSpan(0, 8));
        SaliencyPoint point = tracker.Pin(session);
        Add(tracker, session, tokens.AsSpan(8, 4));
        float expected = tracker.Of(8)[(int)SaliencyFeature.Surprisal];

        session.Cache.Truncate(8);
        tracker.Return(point);
        Add(tracker, session, tokens.AsSpan(8, 1));

        Assert.Equal(expected, tracker.Of(8)[(int)SaliencyFeature.Surprisal]);
    }

    [Fact]
    public void Branches_may_branch()
    {
        int[] tokens = micro.Tokens(Length);
        SaliencyFeature[] features = [SaliencyFeature.Surprisal, SaliencyFeature.AttentionReceived];
        using Session session = Open(8);
        SaliencyTracker tracker = new(micro.Float, new SaliencyNeeds(features, null, 8), Length);
        Add(tracker, session, tokens.AsSpan(0, 8));
        SaliencyPoint outer = tracker.Pin(session);
        float before = tracker.Of(6)[(int)SaliencyFeature.AttentionReceived];
        Step(tracker, session, tokens.AsSpan(8, 4));
        float expected = tracker.Of(8)[(int)SaliencyFeature.Surprisal];
        SaliencyPoint inner = tracker.Pin(session);
        Step(tracker, session, tokens.AsSpan(12, 2));
        session.Cache.Truncate(12);
        tracker.Return(inner);
        Assert.NotEqual(before, tracker.Of(6)[(int)SaliencyFeature.AttentionReceived]);

        session.Cache.Truncate(8);
        tracker.Return(outer);
        Assert.Equal(before, tracker.Of(6)[(int)SaliencyFeature.AttentionReceived]);
        Step(tracker, session, tokens.AsSpan(8, 1));

        Assert.Equal(expected, tracker.Of(8)[(int)SaliencyFeature.Surprisal], 1e-5);
    }

    [Fact]
    public void Steps_and_batches_in_any_order_know_the_prediction_they_follow()
    {
        int[] tokens = micro.Tokens(Length);
        (SaliencyTracker whole, _) = Read(tokens, [SaliencyFeature.Surprisal, SaliencyFeature.Entropy], null);
        using Session session = Open(8);
        SaliencyTracker tracker = new(micro.Float, new SaliencyNeeds([SaliencyFeature.Surprisal, SaliencyFeature.Entropy], null, 0), Length);

        Add(tracker, session, tokens.AsSpan(0, 4));
        Step(tracker, session, tokens.AsSpan(4, 4));
        Add(tracker, session, tokens.AsSpan(8, 3));
        Step(tracker, session, tokens.AsSpan(11, 1));
        SaliencyPoint point = tracker.Pin(session);
        Step(tracker, session, tokens.AsSpan(12, 2));
        session.Cache.Truncate(12);
        tracker.Return(point);
        Step(tracker, session, tokens.AsSpan(12, 1));

        for (int position = 1; position < 13; position++)
        {
            Assert.Equal(whole.Of(position)[(int)SaliencyFeature.Surprisal], tracker.Of(position)[(int)SaliencyFeature.Surprisal], 1e-3);
            Assert.Equal(whole.Of(position)[(int)SaliencyFeature.Entropy], tracker.Of(position)[(int)SaliencyFeature.Entropy], 1e-3);
        }
    }

    [Fact]
    public void Surprisal_is_that_of_the_prediction_before()
    {
        int[] tokens = micro.Tokens(Length);
        using Session session = Open(1);
        SaliencyTracker tracker = new(micro.Float, new SaliencyNeeds([SaliencyFeature.Surprisal], null, 0), Length);
        float[] before = [];
        for (int i = 0; i < 6; i++)
        {
            Step(tracker, session, tokens.AsSpan(i, 1));
            Assert.Equal(i == 0 ? double.NaN : -LogProbabilities.Of(before, tokens[i]), tracker.Of(i)[(int)SaliencyFeature.Surprisal], 1e-5);
            before = session.Logits.ToArray();
        }
    }

    [Fact]
    public void On_another_branch_there_is_no_surprisal()
    {
        using Session session = Open(1);
        SaliencyTracker tracker = new(micro.Float, new SaliencyNeeds([SaliencyFeature.Surprisal], null, 0), Length);
        Step(tracker, session, [1, 2, 3]);
        session.Cache.Rewind(1);
        Step(tracker, session, [3]);
        Assert.Equal(float.NaN, tracker.Of(1)[(int)SaliencyFeature.Surprisal]);

        Step(tracker, session, [4]);
        Assert.True(tracker.Of(2)[(int)SaliencyFeature.Surprisal] > 0);
    }

    [Fact]
    public void Attention_received_is_the_mean_of_what_the_next_tokens_give()
    {
        int[] tokens = micro.Tokens(Length);
        using Session session = Open(SaliencyNeeds.MostTokens);
        session.Prefill(tokens);
        double expected = Enumerable.Range(1, SaliencyNeeds.MostTokens).Average(back => session.WeightGiven(5 + back, back));

        (SaliencyTracker tracker, _) = Read(tokens, [SaliencyFeature.AttentionReceived], null);

        Assert.Equal(expected, tracker.Of(5)[(int)SaliencyFeature.AttentionReceived], 1e-6);
        Assert.Equal(float.NaN, tracker.Of(Length - 1)[(int)SaliencyFeature.AttentionReceived]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_probe_reads_the_hidden_state_of_a_prompt_and_of_steps(int layer)
    {
        int[] tokens = micro.Tokens(Length);
        LlamaShape shape = micro.Float.Shape;
        HiddenProbe probe = new(layer, Sample.Numbers(shape.Hidden, 3, 1f), -2);
        SaliencyNeeds needs = new([SaliencyFeature.Probe], null, 0) { Probe = probe, HiddenLayer = layer };
        SaliencyTracker prompt = new(micro.Float, needs, Length), steps = new(micro.Float, needs, Length);
        Assert.False(prompt.NeedsLogits || prompt.NeedsSignals);
        using Session session = Open(0, layer), decoding = Open(0, layer);
        Add(prompt, session, tokens);
        Step(steps, decoding, tokens);

        for (int position = 0; position < Length; position++)
        {
            float expected = probe.Of(session.Hidden(position));
            Assert.Equal(expected, prompt.Of(position)[(int)SaliencyFeature.Probe]);
            Assert.Equal(expected, steps.Of(position)[(int)SaliencyFeature.Probe], 1e-2);
        }
    }

    [Fact]
    public void A_probe_of_another_model_is_refused()
    {
        HiddenProbe probe = new(99, [1, 2, 3], 0);

        string message = Assert.Throws<InvalidDataException>(
            () => new SaliencyTracker(micro.Float, new SaliencyNeeds([SaliencyFeature.Probe], null, 0) { Probe = probe, HiddenLayer = 99 }, Length)).Message;

        Assert.Contains($"reads 3 numbers after layer 99, the model has {micro.Float.Shape.Hidden}", message, StringComparison.Ordinal);
    }

    private (SaliencyTracker Tracker, float[][] Logits) Read(int[] tokens, IReadOnlyList<SaliencyFeature> features, RarityTable? rarity)
    {
        using Session session = Open(SaliencyNeeds.MostTokens);
        SaliencyNeeds needs = new(features, rarity, features.Contains(SaliencyFeature.AttentionReceived) ? SaliencyNeeds.MostTokens : 0);
        SaliencyTracker tracker = new(micro.Float, needs, tokens.Length);
        return (tracker, Add(tracker, session, tokens));
    }

    private static float[][] Add(SaliencyTracker tracker, Session session, ReadOnlySpan<int> tokens)
    {
        int first = session.Cache.Count;
        int[] ids = tokens.ToArray();
        float[][] logits = new float[ids.Length][];
        session.Prefill(ids);
        session.VisitLogits(0, ids.Length, (row, values) =>
        {
            logits[row] = values.ToArray();
            tracker.AddRow(session, row, first + row, ids[row], values);
        });
        return logits;
    }

    private static void Step(SaliencyTracker tracker, Session session, ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            tracker.Expect(session, token);
            session.Decode(token, out NextTokenStatistics next);
            tracker.AddStep(session, token, next);
        }
    }

    private Session Open(int window, int layer = 0) => new(micro.Float, new SessionOptions
    {
        HiddenLayer = layer,
        RecordSignals = true,
        SignalWindow = window,
        Cache = new KvCacheOptions { MaxTokens = Length, Range = RangeSearch.Clip },
    });
}
