using System.Collections.Concurrent;
using System.Text.Json;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Training;

/// <summary>Runs one stage alone, its outs under their names in a folder of its own.</summary>
internal sealed class StageTrial : IStageReporter, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<string> notes = new();

    public IReadOnlyCollection<string> Notes => notes;

    public string this[string name] => folder[name];

    public void Run(
        StageKind kind, IReadOnlyDictionary<string, string> deps, object? given = null, CancellationToken cancellation = default)
    {
        ParamValues values = Values(kind, deps.Keys, given);
        StageContext context = new(
            deps.ToDictionary(dep => dep.Key, IReadOnlyList<string> (dep) => dep.Value.Split('|')),
            kind.Outs.Select(made => made.Name).ToHashSet(),
            name => folder[name],
            (name, _) => throw new InvalidOperationException(name))
        {
            Params = values,
            Reporter = this,
            Time = TimeProvider.System,
            Cancellation = cancellation,
        };
        kind.Run(context);
    }

    // As a pipeline file's values are read and checked.
    private static ParamValues Values(StageKind kind, IEnumerable<string> deps, object? given)
    {
        FaultList faults = new();
        Dictionary<string, JsonElement> read = [];
        foreach (JsonProperty value in JsonSerializer.SerializeToElement(given ?? new { }).EnumerateObject())
        {
            StageParam param = kind.Params.Single(param => param.Name == value.Name);
            if (ParamReader.Read(param, YamlReader.ReadText(value.Value.GetRawText(), "test"), value.Name, faults) is { } known)
            {
                read.Add(value.Name, known);
            }
        }

        faults.ThrowIfAny();
        ParamValues values = new(kind, read);
        faults.Add(kind.Check(new StageProposal(values, deps.ToHashSet(), new Dictionary<string, ParamValues>(), new Dictionary<string, string>()))
            .Select(fault => new ConfigurationFault("test", fault.Param, fault.Problem)));
        faults.ThrowIfAny();
        return values;
    }

    /// <summary>An out that is JSON.</summary>
    public JsonElement Json(string name) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(folder[name]));

    void IStageReporter.Note(string line) => notes.Enqueue(line);

    T IStageReporter.Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial) => work(new Silent());

    public void Dispose() => folder.Dispose();

    private sealed class Silent : IProgress<long>
    {
        public void Report(long value)
        {
        }
    }
}
