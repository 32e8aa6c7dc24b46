using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Files;

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
    internal static KeptRun Read(string path)
    {
        try
        {
            byte[] content = File.ReadAllBytes(path);
            Document? document = JsonSerializer.Deserialize(content, RunJson.Default.Document);
            return document is not { Version: Version } ? throw Malformed(path, $"expected version {Version}")
                // What was read must come out as it stood, its hash included: then no bit of it has changed.
                : !document.Run.ToBytes().AsSpan().SequenceEqual(content) || !document.Run.Stages.Values.SelectMany(stage => stage.Files).All(file => file.IsSound) ? throw Malformed(path, "damaged")
                : document.Run with { Name = Path.GetFileNameWithoutExtension(path), Pipeline = Path.GetFileName(Path.GetDirectoryName(path)!), Written = File.GetLastWriteTimeUtc(path) };
        }
        catch (JsonException exception)
        {
            throw Malformed(path, exception.Message);
        }
    }

    internal byte[] ToBytes() => ToBytes(Convert.ToHexStringLower(SHA256.HashData(ToBytes(hash: null))));

    private byte[] ToBytes(string? hash) => JsonSerializer.SerializeToUtf8Bytes(new Document(Version, this, hash), RunJson.Default.Document);

    private static InvalidDataException Malformed(string path, string problem) =>
        new($"{path}: not the record of a run ({problem.ReplaceLineEndings(" ")}): delete it, and what it named can be made again");

    internal sealed record Document(int Version, KeptRun Run, string? Sha256);

    [JsonSourceGenerationOptions(
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class RunJson : JsonSerializerContext;
}
