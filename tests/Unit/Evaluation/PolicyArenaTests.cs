using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference;
using AdaptiveKv.Unit.Policies.Budgets;

namespace AdaptiveKv.Unit.Evaluation;

/// <summary>Controllers side by side on the embedded model.</summary>
public sealed class PolicyArenaTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private EncodedItem[] Items => [.. ItemFile.Read(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Items.Take(4).Select(item =>
        EncodedItem.Encode(item, text => micro.Int8.Tokenizer.Encode(text)))];

    /// <summary>A controller from elsewhere and one fitted to this model stand in one arena, each with its own table.</summary>
    [Fact]
    public void Each_policy_sees_the_rarity_it_came_with()
    {
        int vocabulary = micro.Int8.Shape.Vocabulary;
        PrecisionPolicy common = Learned("learned:common", RarityTable.Of(vocabulary, Enumerable.Repeat(0, 100_000)));
        PrecisionPolicy rare = Learned("learned:rare", RarityTable.Of(vocabulary, Enumerable.Range(0, vocabulary).SelectMany(token => Enumerable.Repeat(token, 50 * (token % 9)))));

        double[][] together = Scores(common, rare);

        Assert.Equal(Scores(common)[0], together[0]);
        Assert.Equal(Scores(rare)[0], together[1]);
        Assert.NotEqual(together[0], together[1]);
    }

    [Fact]
    public void A_rarity_table_of_another_vocabulary_is_refused()
    {
        PrecisionPolicy foreign = Learned("learned", RarityTable.Of(50, [1, 2, 3]));

        string message = Assert.Throws<InvalidDataException>(() => Scores(foreign)).Message;

        Assert.Equal($"the rarity table that came with the controller is of 50 token ids, the model has {micro.Int8.Shape.Vocabulary}: fit the controller to this model's tokens with 'akv rescale'", message);
    }

    private static PrecisionPolicy Learned(string name, RarityTable rarity)
    {
        Controller made = BudgetedCache.Controller;
        Controller controller = new(made.Features, made.Layers, made.Tiers, made.Record) { Rarity = rarity };
        return PolicyCatalog.ParseOne(name, controllers: new Dictionary<string, Controller> { [name] = controller });
    }

    private double[][] Scores(params PrecisionPolicy[] policies)
    {
        EncodedItem[] items = Items;
        using PolicyArena arena = new(micro.Int8, policies, CacheMode.TwoPass, new EngineSetup(2, new KvCacheOptions()), items, compare: false);
        return [.. arena.Scorings.Select(scoring => items.SelectMany(item => scoring.Score(item.Context, item.Endings).LogLikelihood).ToArray())];
    }
}
