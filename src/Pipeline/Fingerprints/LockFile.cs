using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>
/// The file beside a pipeline's document that says what each stage's outs were made of. It holds no times and no places of this machine.
/// </summary>
internal sealed partial class LockFile
{
    private const int Version = 1;

    private LockFile(IDictionary<string, LockedStage> stages) => Stages = new(stages, StringComparer.Ordinal);

    /// <summary>The stages that ran, by name.</summary>
    public SortedDictionary<string, LockedStage> Stages { get; }

    /// <summary>Reads a lock file; an absent one is empty.</summary>
    /// <exception cref="InvalidDataException">It is malformed, or of another version.</exception>
    public static LockFile Read(string path)
    {
        if (!File.Exists(path))
        {
            return new LockFile(new Dictionary<string, LockedStage>());
        }

        try
        {
            ReadOnlyMemory<byte> text = JsonText.WithoutMark(File.ReadAllBytes(path));
            if (JsonText.Find(text.Span) is { } fault)
            {
                throw Malformed(path, $"{fault}");
            }

            Document? document = JsonSerializer.Deserialize(text.Span, LockJson.Default.Document);
            return document is { Version: Version } && document.Stages.Values.All(IsSound)
                ? new LockFile(document.Stages)
                : throw Malformed(path, $"expected version {Version} and no gaps");
        }
        catch (JsonException exception)
        {
            throw Malformed(path, exception.Message);
        }
    }

    /// <summary>The folder of a pipeline that a file lies in as outs of stages do, in artifacts/PIPELINE/STAGE; null if it lies elsewhere.</summary>
    public static DirectoryInfo? PipelineOf(string path) => Directory.GetParent(path)?.Parent is { Parent: { Name: "artifacts", Parent: not null } } folder ? folder : null;

    /// <summary>The lock file that records a file as an out, and the hash it has there; null if none does.</summary>
    /// <param name="path">Absolute. A pipeline's lock file is looked for in the folder that has its artifacts, and in those within.</param>
    /// <exception cref="InvalidDataException">A lock file of the pipeline's name is malformed.</exception>
    public static (string Lock, string Sha256)? Recording(string path)
    {
        if (PipelineOf(path) is not { } pipeline)
        {
            return null;
        }

        string root = pipeline.Parent!.Parent!.FullName;
        string relative = Path.GetRelativePath(root, path).Replace('\\', '/');
        return (from file in Directory.GetFiles(root, $"{pipeline.Name}.lock", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
                from stage in Read(file).Stages.Values
                from made in stage.Outs.Values
                where made.Path == relative
                select ((string, string)?)(file, made.Sha256)).FirstOrDefault();
    }

    /// <summary>Records a stage in place of its old record, and forgets stages that the pipeline no longer has.</summary>
    /// <param name="path">The lock file. The caller holds the pipeline's lock.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="record">What its outs were made of.</param>
    /// <param name="known">All stages of the pipeline.</param>
    public static void Record(string path, string stage, LockedStage record, IEnumerable<string> known)
    {
        LockFile file = Read(path);
        file.Stages[stage] = record;
        foreach (string gone in file.Stages.Keys.Except(known).ToArray())
        {
            file.Stages.Remove(gone);
        }

        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new Document(Version, file.Stages), LockJson.Default.Document);
        DurableFile.Replace(path, [.. content, (byte)'\n']);
    }

    // The reader of JSON does not look for null within maps.
    private static bool IsSound(LockedStage? stage) =>
        stage is not null && stage.Deps.Values.Concat(stage.Outs.Values).All(file => file?.Sha256.Length == 2 * SHA256.HashSizeInBytes);

    private static InvalidDataException Malformed(string path, string problem) =>
        new($"{path}: not a lock file ({problem.ReplaceLineEndings(" ")}): restore it from version control, or delete it");

    internal sealed record Document(int Version, SortedDictionary<string, LockedStage> Stages);

    [JsonSourceGenerationOptions(
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class LockJson : JsonSerializerContext;
}
