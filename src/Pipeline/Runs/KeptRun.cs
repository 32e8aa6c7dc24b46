using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>A run of a pipeline as it is kept under a name.</summary>
/// <param name="Definition">The hash of what the pipeline's file, its values and the files from outside said when it began (<see cref="RunDefinition"/>).</param>
/// <param name="Values">Values in place of the file's: "train.lr=3e-4".</param>
/// <param name="Stages">The stages that are done, by name.</param>
public sealed partial record KeptRun(string Definition, IReadOnlyList<string> Values, SortedDictionary<string, KeptStage> Stages)
{
    private const int Version = 1;

    /// <summary>Its name.</summary>
    [JsonIgnore]
    public string Name { get; init; } = string.Empty;

    /// <summary>The pipeline it is of.</summary>
    [JsonIgnore]
    public string Pipeline { get; init; } = string.Empty;

    /// <summary>When a stage was last added to it.</summary>
    [JsonIgnore]
    public DateTimeOffset Written { get; init; }

    /// <summary>Reads a record.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    internal static KeptRun Read(string path) =>
        SealedJson.TryRead(path, RunJson.Default.SealedDocument) is { Version: Version, Run: var run } && run.Stages.Values.SelectMany(stage => stage.Files).All(file => file.IsSound)
            ? run with { Name = Path.GetFileNameWithoutExtension(path), Pipeline = Path.GetFileName(Path.GetDirectoryName(path)!), Written = File.GetLastWriteTimeUtc(path) }
            : throw new InvalidDataException($"{path}: not the record of a run (of version {Version}, or damaged): delete it, and what it named can be made again");

    internal byte[] ToBytes() => SealedJson.ToBytes(new Document(Version, this), RunJson.Default.SealedDocument);

    internal sealed record Document(int Version, KeptRun Run);

    [JsonSourceGenerationOptions(
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(Sealed<Document>))]
    private sealed partial class RunJson : JsonSerializerContext;
}
