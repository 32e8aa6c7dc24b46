using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Weights;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>A Llama model in a GGUF file, or in the parts of a split one.</summary>
internal sealed class GgufModel : ModelSource
{
    /// <summary>Key of <see cref="ChatTemplate"/>.</summary>
    public const string TemplateKey = "tokenizer.chat_template";

    private readonly List<ModelFile> files;
    private readonly Lazy<string> sha256;

    private GgufModel(string path, List<ModelFile> files)
    {
        Path = path;
        this.files = files;
        IReadOnlyList<GgufHeader> headers = GgufShards.Open(files[0], files);
        Header = headers[0];
        GgufShape.RequireLlama(Header.Metadata);
        Vocabulary = GgufVocabulary.Read(files[0].Path, Header.Metadata, Remarks);
        Tensors = files.Zip(headers).SelectMany(part => part.Second.Tensors.Select(info => (File: part.First, Info: info))).ToDictionary(
            tensor => tensor.Info.Name,
            ModelTensor (tensor) => new StoredTensor(
                tensor.File, tensor.Info.Name, tensor.Info.Type, tensor.Info.Rows, tensor.Info.Columns, tensor.Info.DataOffset));
        Shape = GgufShape.Read(files[0].Path, Header.Metadata, Vocabulary.Tokens.Count, !Tensors.ContainsKey(LlamaTensors.Output));
        LlamaTensors.Check(path, Shape, Tensors);
        sha256 = new Lazy<string>(() => WeightsHash.Of(files));
    }

    public override string Path { get; }

    public override LlamaShape Shape { get; }

    public override TokenizerDefinition Vocabulary { get; }

    public override string? ChatTemplate => Header.Metadata.OptionalText(TemplateKey);

    public override IReadOnlyDictionary<string, ModelTensor> Tensors { get; }

    public override string Sha256 => sha256.Value;

    /// <summary>What the file, the first one of a split model, says beside its tensors.</summary>
    public GgufHeader Header { get; }

    /// <exception cref="FileNotFoundException">The file, or a part of the model, is missing.</exception>
    /// <exception cref="ModelFormatException">A file is malformed.</exception>
    public static GgufModel Open(string path)
    {
        List<ModelFile> files = [ModelFile.Open(path)];
        try
        {
            RequireGguf(files[0]);
            return new GgufModel(path, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Refuses a file of another kind by name.</summary>
    public static void RequireGguf(ModelFile file)
    {
        if (GgufKind.Refusal(file) is string refusal)
        {
            throw new ModelFormatException(file.Path, "magic", 0, refusal);
        }
    }

    public override void Dispose() => files.ForEach(file => file.Dispose());
}
