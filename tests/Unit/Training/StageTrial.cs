using System.Collections.Concurrent;
using System.Text.Json;
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
        Dictionary<string, JsonElement> values = JsonSerializer.SerializeToElement(given ?? new { }).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        Assert.Empty(values.Keys.Except(kind.Params.Select(param => param.Name)));
        StageContext context = new(
            deps.ToDictionary(dep => dep.Key, IReadOnlyList<string> (dep) => dep.Value.Split('|')),
            name => folder[name],
            (name, _) => throw new InvalidOperationException(name))
        {
            Params = new ParamValues(kind, values),
            Reporter = this,
            Time = TimeProvider.System,
            Cancellation = cancellation,
        };
        kind.Run(context);
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
