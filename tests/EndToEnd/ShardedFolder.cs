namespace AdaptiveKv.EndToEnd;

/// <summary>A small run of the quickstart up to its evaluation by this process alone, made once for the tests of a class: what shards must come to.</summary>
public sealed class ShardedFolder : IDisposable
{
    private readonly Lazy<PipelineFolder> whole = new(Make);

    /// <summary>Items of collect and evaluate, each a segment.</summary>
    public static int Items { get; } = Environment.GetEnvironmentVariable("AKV_SLOW") == "1" ? 64 : 4;

    /// <summary>A copy of it in which one stage has not run.</summary>
    internal PipelineFolder Without(string stage) => whole.Value.Without(stage);

    /// <summary>Arguments that run one stage.</summary>
    internal static string[] Arguments(PipelineFolder folder, string stage, params string[] more) =>
    [
        "run", stage, "--pipeline", folder.Yaml, "-S", "calibrate.tokens=256", "-S", $"collect.limit={Items}", "-S", "collect.segment=1", "-S", "collect.samples=2",
        "-S", "dataset.validation=0.7", "-S", "train.epochs=5", "-S", $"evaluate.limit={Items}", "-S", "evaluate.segment=1", .. more,
    ];

    /// <summary>Whether a folder has the same files.</summary>
    internal void IsTheSame(PipelineFolder folder)
    {
        IReadOnlyDictionary<string, byte[]> expected = whole.Value.Content(), actual = folder.Content();
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected.Keys, path => Assert.True(expected[path].SequenceEqual(actual[path]), $"{path} differs"));
    }

    public void Dispose()
    {
        if (whole.IsValueCreated)
        {
            whole.Value.Dispose();
        }
    }

    private static PipelineFolder Make()
    {
        PipelineFolder folder = new();
        Outcome outcome = Akv.RunHere(Arguments(folder, "evaluate"));
        Assert.True(outcome.Code == 0, outcome.Error);
        return folder;
    }
}
