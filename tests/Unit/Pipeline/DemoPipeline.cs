using System.Collections.Concurrent;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline;

/// <summary>A pipeline of four fake stages in a folder of its own: rows in segments, their table, a fit, a grade.</summary>
internal sealed class DemoPipeline : IStageReporter, IDisposable
{
    public const string Document = """
        wdir: ..
        params:
          source: data.txt
          seed: 42
        stages:
          collect:
            uses: rows
            deps: {source: "${params.source}"}
            params: {items: 20, seed: "${params.seed}"}
          dataset:
            uses: table
            deps: {rows: collect.rows}
          train:
            uses: fit
            desc: A model of the rows
            deps: {table: dataset.table}
            params:
              epochs: 3
          evaluate:
            uses: grade
            deps: {table: dataset.table, model: train.model}
        """;

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<string> notes = new();

    public DemoPipeline(string document = Document)
    {
        Directory.CreateDirectory(Path.Combine(Root, "pipelines"));
        File.WriteAllText(this["pipelines/demo.yaml"], document);
        File.WriteAllText(this["data.txt"], "some text\n");
    }

    public string Root => folder.Path;

    public string YamlPath => this["pipelines/demo.yaml"];

    public StageCatalog Catalog { get; set; } = FakeStages.Catalog;

    public string this[string relative] => Path.Combine(Root, relative);

    /// <summary>What the last runs said.</summary>
    public IReadOnlyCollection<string> Notes => notes;

    public PipelineFile Read(params string[] overrides) => PipelineFile.Read(YamlPath, Catalog, overrides);

    public RunSummary Run(params string[] overrides) => Run(StageSelection.All, force: false, overrides);

    public RunSummary Run(StageSelection selection, bool force = false, params string[] overrides)
    {
        notes.Clear();
        return new PipelineRun(Read(overrides), this, TimeProvider.System).Run(selection, force, CancellationToken.None);
    }

    /// <summary>A run that is kept under a name.</summary>
    public RunSummary Keep(string? name, params string[] overrides)
    {
        notes.Clear();
        return new PipelineRun(Read(overrides), this, TimeProvider.System, new RunKeeping(Read(overrides), name, notes.Enqueue)).Run(StageSelection.All, force: false, CancellationToken.None);
    }

    public RunStore Store => new(Read(), TimeProvider.System);

    public IReadOnlyList<StageState> Status(params string[] overrides) => PipelineStatus.Of(Read(overrides), StageSelection.All, TimeProvider.System);

    /// <summary>"train: param lr changed 0.001 -> 0.0003", for each stage that would run.</summary>
    public IEnumerable<string> Reasons(params string[] overrides) =>
        Status(overrides).Where(state => !state.IsUpToDate).Select(state => $"{state.Stage.Name}: {string.Join("; ", state.Reasons)}");

    /// <summary>Every file that a run leaves for others, with its content: what is for the next run only (locks, remembered hashes, the store) left out.</summary>
    public SortedDictionary<string, string> Tree() => new(
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) is not (".lock" or ".holder" or ".hashes.json") && !path.StartsWith(this["artifacts/.store"], StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(Root, path), path => Convert.ToHexString(File.ReadAllBytes(path))),
        StringComparer.Ordinal);

    void IStageReporter.Note(string line) => notes.Enqueue(line);

    T IStageReporter.Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial) => work(new Progress<long>());

    public void Dispose() => folder.Dispose();
}
