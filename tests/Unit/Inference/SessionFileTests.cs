using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Budgets;

namespace AdaptiveKv.Unit.Inference;

/// <summary>A saved session goes on with the same tokens; what is no such session is refused and changes nothing.</summary>
public sealed class SessionFileTests : IDisposable
{
    private const int Room = 160;

    private static readonly GenerationOptions Options = new() { MaxTokens = 24, Sampling = new() { Temperature = 1, Seed = 3 } };

    private readonly AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, double?> Policies => new()
    {
        { "static-16", null }, { "static-32", null }, { "static-4+sinks1", null }, { "static-k8v4", null }, { "static-2+sinks2+recent8", null }, { "mix-2-3-4-8", null },
        { "random-3.5@7", null }, { "static-3+escalate20", null }, { "static-2+sinks1+recent5+escalate30", null }, { "rule-entropy-2-0.9-4-2.5-8", null },
        { "rule-surprisal-2-1-8", null }, { "rule-attention_received-2-0.02-8+recent6", null }, { "rule-previous_entropy-3-1-8+recent3", null },
        { "static-0", null }, { "static-0+sinks1+recent8", null }, { "mix-0-4+sinks1", null }, { "rule-surprisal-0-1-8+sinks1+escalate10", null },
        { "learned:dropping+sinks1+recent4", 1.5 }, { "learned+sinks1", null }, { "learned+sinks1", 5.0 }, { "learned+sinks1+recent4+escalate10", 5.0 },
    };

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_saved_session_goes_on_with_the_same_tokens(string policy, double? budget)
    {
        using AdaptiveSession first = Open(policy, budget);
        _ = string.Concat(first.Generate("Simon: ring studio. Mia: book Simon. Rosa: then phone attic. Now book", Options));
        first.Save(folder["session"]);
        first.Save(folder["again"]);
        int saved = first.Cache.Count;
        int[] expected = GoOn(first);

        using AdaptiveSession second = Open(policy, budget);
        _ = string.Concat(second.Generate("Something else that uses the tiers in another order", Options));
        second.Load(folder["session"]);
        Assert.Equal(saved, second.Cache.Count);
        int[] got = GoOn(second);

        Assert.Equal(expected, got);
        Assert.Equal(Enumerable.Range(0, first.Cache.Count).Select(first.Cache.TierAt), Enumerable.Range(0, second.Cache.Count).Select(second.Cache.TierAt));
        Assert.Equal(first.Step(1), second.Step(1));
        Assert.Equal(File.ReadAllBytes(folder["session"]), File.ReadAllBytes(folder["again"]));
        Assert.InRange(second.Statistics().PeakBytes, 1, Bytes(budget) ?? long.MaxValue);
    }

    [Fact]
    public void An_empty_session_can_be_saved()
    {
        using AdaptiveSession session = Open("static-4");
        session.Save(folder["empty"]);
        _ = string.Concat(session.Generate("ring", Options));

        session.Load(folder["empty"]);

        Assert.Equal(0, session.Cache.Count);
    }

    /// <summary>A bit of any byte; with AKV_SLOW every one.</summary>
    [Fact]
    public void A_damaged_file_is_refused_and_changes_nothing()
    {
        using AdaptiveSession session = Open("static-2+sinks1+recent2");
        _ = string.Concat(session.Generate("ring", new GenerationOptions { MaxTokens = 3 }));
        session.Save(folder["session"]);
        byte[] whole = File.ReadAllBytes(folder["session"]);
        int count = session.Cache.Count;
        bool slow = Environment.GetEnvironmentVariable("AKV_SLOW") == "1";
        Random random = new(1);
        for (int i = 0; i < (slow ? 8 * whole.Length : 400); i++)
        {
            byte[] damaged = [.. whole];
            int bit = slow ? i : i < 200 ? random.Next(8 * 2000) : random.Next(8 * whole.Length);
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Refuses(session, damaged);
        }

        foreach (int length in (int[])[0, 1, 7, 8, 100, whole.Length / 2, whole.Length - 1])
        {
            Refuses(session, whole[..length]);
        }

        Refuses(session, [.. whole, 0]);
        Refuses(session, File.ReadAllBytes(SharedFiles.MicroModel));
        Assert.Equal(count, session.Cache.Count);
        session.Load(folder["session"]);
        Assert.Equal(count, session.Cache.Count);
    }

    [Theory]
    [InlineData("static-4", null, "policy")]
    [InlineData("learned+sinks1", 5.0, "policy")]
    [InlineData("static-2+sinks1", null, null)]
    public void A_session_of_another_policy_is_refused(string policy, double? budget, string? part)
    {
        using AdaptiveSession session = Open("static-2+sinks1");
        session.Save(folder["session"]);
        using AdaptiveSession other = Open(policy, budget);

        Exception? error = Record.Exception(() => other.Load(folder["session"]));

        Assert.Equal(part is null ? null : $"metadata '{part}'", (error as ModelFormatException)?.Field);
    }

    [Fact]
    public void A_session_of_another_code_budget_model_or_length_is_refused()
    {
        using AdaptiveSession session = Open("learned+sinks1", 5.0);
        _ = string.Concat(session.Generate("Simon: ring studio.", Options));
        session.Save(folder["session"]);

        Assert.Equal("metadata 'budget'", Fault(Open("learned+sinks1", 5.1)));
        Assert.Equal("metadata 'policy'", Fault(Open("learned+sinks1")));
        Assert.Equal("metadata 'code_sha256'", Fault(model.Open(BudgetedCache.Policy("learned+sinks1"), new OpenOptions { MaxTokens = Room, Code = CodeSetup.Default with { Range = RangeSearch.MinMax } })));
        using AkvModel folderModel = AkvModel.Load(Path.Combine(SharedFiles.Micro, "hf"));
        Assert.Equal("metadata 'model_sha256'", Fault(folderModel.Open(BudgetedCache.Policy("learned+sinks1"), new OpenOptions { MaxTokens = Room, MaxBytes = Bytes(5.0) })));
        using AdaptiveSession plain = Open("static-4");
        _ = string.Concat(plain.Generate("Simon: ring studio.", Options));
        plain.Save(folder["session"]);
        Assert.Equal("metadata 'places'", Fault(model.Open("static-4", new OpenOptions { MaxTokens = 8 })));

        string Fault(AdaptiveSession other)
        {
            using (other)
            {
                ModelFormatException error = Assert.Throws<ModelFormatException>(() => other.Load(folder["session"]));
                Assert.StartsWith(folder["session"], error.Message, StringComparison.Ordinal);
                return error.Field;
            }
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        using AdaptiveSession session = Open("static-4");

        Assert.Contains("no such saved session", Assert.Throws<FileNotFoundException>(() => session.Load(folder["none"])).Message, StringComparison.Ordinal);
    }

    /// <summary>A budget is kept on a sequence that is cut and goes on, too.</summary>
    [Fact]
    public void A_budget_survives_a_cut()
    {
        using AdaptiveSession session = Open("learned+sinks1", 5.0);
        _ = string.Concat(session.Generate("Simon: ring studio. Mia: book Simon. Rosa: then phone attic. Now book", Options));
        session.Truncate(20);
        session.Save(folder["session"]);
        using AdaptiveSession other = Open("learned+sinks1", 5.0);
        other.Load(folder["session"]);

        Assert.Equal(GoOn(session), GoOn(other));

        while (session.Cache.Count < Room)
        {
            session.Step(5);
        }

        Assert.InRange(session.Statistics().PeakBytes, 1, Bytes(5.0)!.Value);
    }

    private void Refuses(AdaptiveSession session, byte[] content) =>
        Assert.Throws<ModelFormatException>(() => session.Load(folder.Write("damaged", content)));

    // Bits per element over the room of a session.
    private long? Bytes(double? bits) => bits is { } wanted ? (long)(Room * model.Weights.CacheShape.ElementsPerToken * wanted / 8) : null;

    private AdaptiveSession Open(string policy, double? budget = null)
    {
        PrecisionPolicy parsed = policy.StartsWith("learned", StringComparison.Ordinal) ? BudgetedCache.Policy(policy) : PolicyCatalog.ParseOne(policy);
        return model.Open(parsed, new OpenOptions { MaxTokens = Room, MaxBytes = Bytes(budget) });
    }

    private int[] GoOn(AdaptiveSession session) => [.. new Generation(session, model.Weights.Tokenizer.EncodeFragment(" phone. Now ring"), Options, CancellationToken.None).Tokens()];
}
