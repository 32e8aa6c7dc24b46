using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>A Llama model in a GGUF file.</summary>
internal sealed class GgufModel : ModelSource
{
    private readonly ModelFile file;
    private readonly Lazy<string> sha256;

    private GgufModel(ModelFile file)
    {
        this.file = file;
        Header = GgufReader.Read(file);
        GgufShape.RequireLlama(Header.Metadata);
        Vocabulary = GgufVocabulary.Read(file.Path, Header.Metadata);
        Tensors = Header.Tensors.ToDictionary(
            info => info.Name,
            ModelTensor (info) => new StoredTensor(file, info.Name, info.Type, info.Rows, info.Columns, info.DataOffset));
        Shape = GgufShape.Read(file.Path, Header.Metadata, Vocabulary.Tokens.Count, !Tensors.ContainsKey(LlamaTensors.Output));
        LlamaTensors.Check(file.Path, Shape, Tensors);
        sha256 = new Lazy<string>(() => WeightsHash.Of([file]));
    }

    public override string Path => file.Path;

    public override LlamaShape Shape { get; }

    public override TokenizerDefinition Vocabulary { get; }

    public override IReadOnlyDictionary<string, ModelTensor> Tensors { get; }

    public override string Sha256 => sha256.Value;

    /// <summary>What the file says beside its tensors.</summary>
    public GgufHeader Header { get; }

    /// <summary>Takes over <paramref name="file"/>; disposes it where the content is refused.</summary>
    public static GgufModel Open(ModelFile file)
    {
        try
        {
            return new GgufModel(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Dispose() => file.Dispose();
}
