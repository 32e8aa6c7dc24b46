using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Shards;

/// <summary>
/// How the items of a stage are shared out among processes on any machines that see the same files: everything that the work is made of, by hash, and the number of
/// shards. It is written once and never changed, and lies, with what shards have written, in a folder below that of the stage that its inputs name.
/// </summary>
public sealed partial class ShardPlan
{
    private const string FileName = "plan.json";
    private const int Version = 1;
    private const int NameLength = 12;

    // Each is looked for by name, and a stranger's plan may claim any number.
    private const int MostSegments = 1 << 20;

    private readonly Document document;

    private ShardPlan(string path, Document document) => (Path, this.document) = (path, document);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>The folder that it lies in, with what shards have written.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>The name of its folder, by the hash of the stage's inputs.</summary>
    public string Id => System.IO.Path.GetFileName(Folder);

    /// <summary>The stage.</summary>
    public string Stage => document.Stage;

    /// <summary>How many shards there are, each of whole segments.</summary>
    public int Shards => document.Shards;

    /// <summary>Items of the whole work.</summary>
    public int Items => document.Items;

    /// <summary>Segments of each segmented out.</summary>
    public int Segments => SegmentsOf(document.Items, document.PerSegment);

    /// <summary>The kernels of the engine that all shards must have; null of a stage without.</summary>
    public string? Kernels => document.Kernels;

    /// <summary>What the stage reads and takes.</summary>
    internal LockedStage Inputs => new(document.Uses, document.Code, document.Deps, document.Params, new(StringComparer.Ordinal)) { Kernels = document.Kernels };

    /// <summary>Reads a plan.</summary>
    /// <param name="path">Its file, or its folder.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    public static ShardPlan Read(string path)
    {
        string file = System.IO.Path.GetFullPath(Directory.Exists(path) ? System.IO.Path.Combine(path, FileName) : path);
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"{file}: no such plan: it was merged already, or never made ('akv shard plan')");
        }

        return SealedJson.TryRead(file, PlanJson.Default.SealedDocument) is { } document && IsSound(document)
            ? new ShardPlan(file, document)
            : throw new InvalidDataException($"{file}: not a plan of version {Version}, or damaged: delete it and plan again; shards that are done stay done");
    }

    /// <summary>Where the plan of a stage lies.</summary>
    internal static string PathOf(PipelineStage stage, LockedStage inputs) => System.IO.Path.Combine(stage.PlanFolder, inputs.Inputs[..NameLength], FileName);

    /// <summary>Writes the plan of a stage, unless another process just did.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="inputs">What it reads and takes.</param>
    /// <param name="root">The folder that its paths are relative to.</param>
    /// <param name="count">Its items, and those of a segment.</param>
    /// <param name="shards">How many are wanted; there are never more than segments.</param>
    /// <param name="time">The clock.</param>
    internal static ShardPlan Write(PipelineStage stage, LockedStage inputs, string root, (int Items, int PerSegment) count, int shards, TimeProvider time)
    {
        string path = PathOf(stage, inputs);
        if (SegmentsOf(count.Items, count.PerSegment) > MostSegments)
        {
            throw new ArgumentException($"{stage.Name}: {count.Items} items in segments of {count.PerSegment} are more than {MostSegments} segments: raise param 'segment'");
        }

        string folder = System.IO.Path.GetDirectoryName(path)!;
        Document document = new(
            Version,
            stage.Name,
            System.IO.Path.GetRelativePath(folder, root).Replace('\\', '/'),
            inputs.Uses,
            inputs.Code,
            inputs.Kernels,
            inputs.Deps,
            inputs.Params,
            new(stage.Outs.ToDictionary(made => made.Name, made => made.FileName), StringComparer.Ordinal),
            count.Items,
            count.PerSegment,
            Math.Min(shards, SegmentsOf(count.Items, count.PerSegment)));
        DurableFolder.Create(folder);
        string scratch = ScratchIn(folder, time);
        DurableFolder.Create(scratch);
        string temporary = System.IO.Path.Combine(scratch, FileName);
        OutputFile.Write(temporary, SealedJson.ToBytes(document, PlanJson.Default.SealedDocument));
        DurableFile.TryLink(temporary, path);
        Directory.Delete(scratch, recursive: true);
        return Read(path);
    }

    /// <summary>The stage, with its folders where they are on this machine.</summary>
    /// <exception cref="ArgumentException">This program's stage is another one.</exception>
    internal PipelineStage StageOf(StageCatalog catalog)
    {
        if (!catalog.Kinds.TryGetValue(document.Uses, out StageKind? kind) || kind.CodeVersion != document.Code)
        {
            throw new ArgumentException($"{Path}: made for version {document.Code} of '{document.Uses}', and this akv has {kind?.CodeVersion.ToString(CultureInfo.InvariantCulture) ?? "none"}: use the akv that planned it, or plan again");
        }

        string root = System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder, document.Root));
        string folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder, "..", ".."));
        return new PipelineStage(
            Stage,
            kind,
            kind.Description,
            [.. document.Deps.Select(dep => new StageDep(dep.Key, dep.Value.Path, System.IO.Path.GetFullPath(System.IO.Path.Combine(root, dep.Value.Path)), Producer: null, Path))],
            [.. kind.Outs.Where(made => document.Outs.ContainsKey(made.Name)).Select(made => new StageOut(
                made, System.IO.Path.GetRelativePath(root, System.IO.Path.Combine(folder, document.Outs[made.Name])).Replace('\\', '/'), System.IO.Path.Combine(folder, document.Outs[made.Name]), Path))],
            new ParamValues(kind, document.Params),
            Path);
    }

    /// <summary>The segments of a shard.</summary>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    internal Range RangeOf(int shard) => shard >= 0 && shard < Shards
        ? (int)((long)shard * Segments / Shards)..(int)((shard + 1L) * Segments / Shards)
        : throw new ArgumentException($"shard {shard}: {Path} has {Shards}, from 0 to {Shards - 1}");

    /// <summary>What shards have written of an out.</summary>
    internal ShardSegments SegmentsOf(StageOut made) => new(System.IO.Path.Combine(Folder, made.Name), Inputs.Inputs);

    /// <summary>A folder for this process alone: containers may share both the machine's name and the process's number.</summary>
    internal static string ScratchIn(string folder, TimeProvider time) =>
        System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $".{Environment.MachineName}.{Environment.ProcessId}.{time.GetUtcNow().UtcTicks:x}"));

    private static int SegmentsOf(int items, int perSegment) => (int)((items + (long)perSegment - 1) / perSegment);

    // A plan may come from a stranger, with names that lead elsewhere.
    private static bool IsSound(Document document) =>
        document is { Version: Version, Items: > 0, PerSegment: > 0, Shards: > 0 }
        && SegmentsOf(document.Items, document.PerSegment) is var segments && segments <= MostSegments && document.Shards <= segments
        && !document.Root.Contains('\0')
        && document.Deps.Values.All(dep => !dep.Path.Contains('\0'))
        && document.Outs.Count > 0
        && document.Outs.Values.All(name => name.Length > 0 && name[0] != '.' && name.AsSpan().IndexOfAny("/\\:\0") < 0);

    internal sealed record Document(
        int Version,
        string Stage,
        string Root,
        string Uses,
        int Code,
        string? Kernels,
        SortedDictionary<string, LockedFile> Deps,
        SortedDictionary<string, JsonElement> Params,
        SortedDictionary<string, string> Outs,
        int Items,
        int PerSegment,
        int Shards);

    [JsonSourceGenerationOptions(
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(Sealed<Document>))]
    private sealed partial class PlanJson : JsonSerializerContext;
}
