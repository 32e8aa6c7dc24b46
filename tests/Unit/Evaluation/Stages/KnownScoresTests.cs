using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Stages;

public sealed class KnownScoresTests : IDisposable
{
    private static readonly Dictionary<string, string> Shared = new() { ["model_sha256"] = "m", ["code_version"] = "5" };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_learned_policy_is_known_where_its_controller_is_the_same()
    {
        string[] made = ["static-4", "learned", "learned-3+sinks1", "learned:rival-3.5", "oracle-3"];
        string segment = Write(made, new() { ["learned"] = "a", ["learned:rival"] = "b" });

        KnownScores known = KnownScores.Read([segment], new ScoreConditions(Shared, new Dictionary<string, string> { ["learned"] = "a", ["learned:rival"] = "changed", ["learned:example"] = "c" }));

        Assert.Equal(["static-4", "learned", "learned-3+sinks1"], made.Where(policy => known.Has(policy, ["item"])));
        Assert.False(known.Has("static-4", ["item", "another"]));
        Assert.False(known.Has("learned:example-3", ["item"]));
        Assert.Equal(-2, known.Of("learned", "item").LogLikelihood[1]);
    }

    [Fact]
    public void A_controller_must_be_that_of_all_segments()
    {
        string[] segments = [Write(["learned-3"], new() { ["learned"] = "a" }), Write(["learned-4"], new() { ["learned"] = "b" })];

        Assert.False(KnownScores.Read(segments, new ScoreConditions(Shared, new Dictionary<string, string> { ["learned"] = "a" })).Has("learned-3", ["item"]));
    }

    [Fact]
    public void Scores_of_older_code_are_refused()
    {
        string segment = Write(["static-4"], []);

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() =>
            KnownScores.Read([segment], new ScoreConditions(new Dictionary<string, string>(Shared) { ["code_version"] = "6" }, new Dictionary<string, string>())));
        Assert.Contains("cannot be used again: their code_version is 5, and here it is 6", refusal.Message, StringComparison.Ordinal);
    }

    private string Write(IEnumerable<string> policies, Dictionary<string, string> controllers)
    {
        string path = folder[$"{Guid.NewGuid():N}.parquet"];
        using TableWriter writer = new(path, ScoreTable.Schema, new ScoreConditions(Shared, controllers).Provenance);
        foreach (string policy in policies)
        {
            ScoreRows.Add(writer, new ItemResult("item", policy, 0, 0, 0, 0, [-1, -2], [1, 1], [1, 1], [1, 1], 101, 1000, 101, 4, null) { TierCounts = [] });
        }

        writer.Complete();
        return path;
    }
}
