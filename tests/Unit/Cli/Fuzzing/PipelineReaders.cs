using AdaptiveKv.Cli;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Shards;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Fuzzing;
using AdaptiveKv.Unit.Pipeline;

namespace AdaptiveKv.Unit.Cli.Fuzzing;

/// <summary>What the pipeline reads: its files, records and lists.</summary>
internal static class PipelineReaders
{
    private static readonly string[] Yaml =
    [
        "&a 1", "*a", "!!str x", "- x", "? x", "|", ">", "#", "\t", "\n", "\r\n", "\u2028", "\0", "\uFEFF", "\u001B[31m", "---\n", "...\n", "${params.seed}", "${x", "'", "collect.rows", "../..",
    ];

    private static Terminal Silent { get; } = new() { Output = TextWriter.Null, Error = TextWriter.Null, Time = TimeProvider.System };

    public static SortedDictionary<string, Func<TemporaryFolder, FuzzedReader>> All { get; } = new(StringComparer.Ordinal)
    {
        ["pipeline file"] = _ => OfYaml("quickstart.yaml", path => PipelineFile.Read(path, Stages.Catalog, [])),
        ["thresholds"] = _ => OfYaml("quickstart.thresholds.yaml", path => ThresholdFile.Read(path)),
        ["lock file"] = _ => OfDemo(
            demo => demo["pipelines/demo.lock"], text => new JsonMutator(text).Mutate, path => Assert.All(LockFile.Read(path).Stages.Values, stage => stage.OnAnyPath().ToList().ForEach(same => Assert.NotEmpty(same.Inputs)))),
        ["manifest of a stage"] = _ => OfDemo(demo => demo["artifacts/demo/train/manifest.json"], text => new SealedMutator(text).Mutate, path => Manifest.Read(path)),
        ["manifest of segments"] = _ => OfDemo(demo => demo["artifacts/demo/collect/rows/manifest.json"], text => new SealedMutator(text).Mutate, path => Manifest.Read(path)),
        ["remembered hashes"] = _ => OfDemo(
            demo =>
            {
                File.SetLastWriteTimeUtc(demo["data.txt"], DateTime.UnixEpoch);
                FileHashes hashes = new(demo.Root, TimeProvider.System);
                hashes.Of(demo["data.txt"]);
                hashes.Save();
                return demo[FileHashes.FileName];
            },
            text => new JsonMutator(text).Mutate,
            path => new FileHashes(Path.GetDirectoryName(path)!, TimeProvider.System).Of(path)),
        ["plan of shards"] = _ => OfDemo(
            demo => ShardPlanning.Make(demo.Read("seed=7"), "collect", 3, demo, TimeProvider.System).Path, text => new SealedMutator(text).Mutate, path => ReadPlan(path)),
        ["record of a run"] = _ => OfDemo(
            demo =>
            {
                demo.Keep("kept", "seed=8");
                return demo["artifacts/.store/runs/demo/kept.json"];
            },
            text => new SealedMutator(text).Mutate,
            path => KeptRun.Read(path)),
        ["metrics"] = _ => new FuzzedReader(
            "metrics.json",
            [new JsonMutator("""{"items": 100, "static-16": {"acc": 0.98, "kl": 1e-7, "kl_se": 1e-8, "note": "text"}, "list": [1, 2.5, null, true, NaN]}""").Mutate],
            path => MetricChange.Between(MetricsFile.Read(path).Metrics, MetricsFile.Read(path).Metrics)),
    };

    private static FuzzedReader OfYaml(string name, Action<string> read) =>
        new(name, [new JsonMutator(File.ReadAllText(Path.Combine(SharedFiles.Repository, "pipelines", name)), Yaml).Mutate], read);

    private static FuzzedReader OfDemo(Func<DemoPipeline, string> made, Func<string, Func<Random, byte[]>> mutator, Action<string> read)
    {
        using DemoPipeline demo = new();
        demo.Run();
        string path = made(demo);
        return new(Path.GetFileName(path), [mutator(File.ReadAllText(path))], read);
    }

    private static void ReadPlan(string path)
    {
        ShardPlan plan = ShardPlan.Read(path);
        try
        {
            _ = new ShardWork(plan, FakeStages.Catalog, new StageReporter(Silent), TimeProvider.System).Missing().Count;
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException(exception.Message);
        }
    }
}
