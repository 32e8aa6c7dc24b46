using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A copy of the quickstart in a folder of its own, small enough to run in a few seconds.</summary>
internal sealed class PipelineFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public PipelineFolder()
    {
        Directory.CreateDirectory(folder.PathOf("pipelines"));
        string text = File.ReadAllText(Path.Combine(SharedFiles.Repository, "pipelines", "quickstart.yaml"));
        File.WriteAllText(Yaml, text.Replace("assets/micro", SharedFiles.Micro, StringComparison.Ordinal));
    }

    private PipelineFolder(string from)
    {
        foreach (string path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = folder.PathOf(Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }

    public string Root => folder.PathOf("");

    public string Yaml => folder.PathOf("pipelines/quickstart.yaml");

    /// <summary>Path of an artifact: "train/metrics.json".</summary>
    public string this[string artifact] => folder.PathOf($"artifacts/quickstart/{artifact}");

    /// <summary>Arguments of a small run.</summary>
    public string[] Small(params string[] more) =>
    [
        "--pipeline", Yaml, "-S", "collect.limit=30", "-S", "collect.segment=5", "-S", "collect.samples=4", "-S", "train.epochs=10",
        "-S", "evaluate.limit=8", "-S", "evaluate.segment=4", "-S", "speed.repeats=1", "-S", "speed.tokens=4", .. more,
    ];

    /// <summary>Every artifact with its content, but for measured times and the report that shows them.</summary>
    public IReadOnlyDictionary<string, byte[]> Content() => Directory.EnumerateFiles(this[""], "*", SearchOption.AllDirectories)
        .Where(path => !Path.GetFileName(path).StartsWith('.') && !path.StartsWith(this["speed/"], StringComparison.Ordinal) && !path.StartsWith(this["report/"], StringComparison.Ordinal))
        .ToDictionary(path => Path.GetRelativePath(this[""], path), File.ReadAllBytes);

    /// <summary>A folder with the same files, which goes its own way.</summary>
    public PipelineFolder Copy() => new(Root);

    /// <summary>A copy in which one stage has not run, nor is what it made kept.</summary>
    public PipelineFolder Without(string stage)
    {
        PipelineFolder copy = Copy();
        Directory.Delete(copy[stage], recursive: true);
        Directory.Delete(copy[Path.Combine("..", ".store")], recursive: true);
        return copy;
    }

    public void Dispose() => folder.Dispose();
}
