using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Policies.Budgets;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The library as its users see it, on the micro model.</summary>
public sealed class AkvModelTests : IDisposable
{
    private static readonly GenerationOptions Short = new() { MaxTokens = 12 };

    private readonly AkvModel model = AkvModel.Load(SharedFiles.MicroModel);

    public void Dispose() => model.Dispose();

    [Fact]
    public void A_session_keeps_its_cache_as_the_policy_says()
    {
        using AdaptiveSession session = model.Open("static-4+sinks1", new OpenOptions { MaxTokens = 64, Threads = 2 });

        string text = string.Concat(session.Generate("The red box", Short));

        Assert.NotEmpty(text);
        Assert.Equal([(16, 1), (4, session.Cache.Count - 1)], session.Statistics().Tiers.Select(tier => ((int)tier.Tier.Keys, tier.Tokens)));
        Assert.Equal(64, session.Cache.MaxTokens);
    }

    [Fact]
    public void A_text_is_the_same_whatever_the_session_held_before()
    {
        using AdaptiveSession session = model.Open("random-3.5@7");
        string first = string.Concat(session.Generate("The red box", Short));
        _ = string.Concat(session.Generate("Another one", Short));

        Assert.Equal(first, string.Concat(session.Generate("The red box", Short)));
    }

    [Fact]
    public void A_budget_holds_for_every_sequence()
    {
        const int Tokens = 100;
        long budget = Tokens * model.Weights.CacheShape.ElementsPerToken * 5L / 8;
        using AdaptiveSession session = model.Open(BudgetedCache.Policy("learned+sinks1"), new OpenOptions { MaxTokens = Tokens, MaxBytes = budget });
        GenerationOptions options = new() { MaxTokens = Tokens };

        string first = string.Concat(session.Generate("The red box", options));

        Assert.InRange(session.Statistics().PeakBytes, budget / 2, budget);
        Assert.Equal(first, string.Concat(session.Generate("The red box", options)));
    }

    [Fact]
    public void A_policy_of_ones_own_chooses()
    {
        using AdaptiveSession session = model.Open(new EvenPolicy(), new OpenOptions { MaxTokens = 64 });

        _ = string.Concat(session.Generate("The red box", Short));

        Assert.All(Enumerable.Range(0, session.Cache.Count), position => Assert.Equal(session.Policy.Choose(position), session.Cache.TierAt(position)));
    }

    [Fact]
    public void What_is_wrong_is_said_when_a_session_is_opened()
    {
        Assert.Contains("did you mean 'static-4'", Assert.Throws<FormatException>(() => model.Open("sttic-4")).Message, StringComparison.Ordinal);
        Assert.Contains("expected 1 to 1024", Assert.Throws<ArgumentException>(() => model.Open("static-4", new OpenOptions { MaxTokens = 2000 })).Message, StringComparison.Ordinal);
        Assert.Contains("bits of its own", Assert.Throws<ArgumentException>(() => model.Open("static-4", new OpenOptions { MaxBytes = 1 << 20 })).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => model.Open("learned", new OpenOptions { Controller = "none.safetensors" }));
        using AdaptiveSession session = model.Open("static-4", new OpenOptions { MaxTokens = 4 });
        string message = Assert.Throws<ArgumentException>(() => session.Generate("The red box is on the table", new GenerationOptions { Stops = [""] })).Message;
        Assert.Contains("the session room for 4", message, StringComparison.Ordinal);
        Assert.Contains("a stop text is empty", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_template_and_ChatML_is_no_chat_model()
    {
        using AdaptiveSession session = model.Open("static-4");

        Assert.Contains("no chat model", Assert.Throws<ArgumentException>(() => new Chat(session)).Message, StringComparison.Ordinal);
    }

    private sealed class EvenPolicy : PrecisionPolicy
    {
        public override string Name => "even";

        public override KvTier Choose(int position) => KvTier.Of(position % 2 == 0 ? BitWidth.Eight : BitWidth.Three);
    }
}
