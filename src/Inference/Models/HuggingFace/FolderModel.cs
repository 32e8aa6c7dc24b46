using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>A Llama model in a Hugging Face folder: config.json, safetensors (one file or shards with an index), tokenizer.json.</summary>
internal sealed class FolderModel : ModelSource
{
    private const int MostConfigBytes = 1 << 20;

    private readonly List<ModelFile> files = [];
    private readonly Dictionary<string, ModelTensor> tensors = [];
    private readonly Lazy<string> sha256;

    private FolderModel(string folder)
    {
        Path = folder;
        sha256 = new Lazy<string>(() => WeightsHash.Of(files));
        string path = System.IO.Path.Combine(folder, "config.json");
        using JsonDocument document = JsonFile.Read(path, MostConfigBytes);
        JsonFields config = new(path, document.RootElement);
        Shape = FolderConfig.Read(path, config, Remarks);
        try
        {
            // The weights come first: they prove the sizes that the vocabulary is allocated by.
            OpenWeights();
            Vocabulary = FolderTokenizer.Read(folder, config, Shape.Vocabulary, Remarks);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string Path { get; }

    public override LlamaShape Shape { get; }

    public override TokenizerDefinition Vocabulary { get; }

    public override string? ChatTemplate => FolderChatTemplate.Read(Path);

    public override IReadOnlyDictionary<string, ModelTensor> Tensors => tensors;

    public override string Sha256 => sha256.Value;

    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    /// <exception cref="ModelFormatException">A file of the folder is malformed.</exception>
    public static FolderModel Open(string folder) => new(folder);

    public override void Dispose() => files.ForEach(file => file.Dispose());

    private void OpenWeights()
    {
        foreach (string path in ShardIndex.Files(Path))
        {
            if (!File.Exists(path))
            {
                throw new FileNotFoundException($"{path}: no such file, though {ShardIndex.FileName} beside it names it", path);
            }

            ModelFile file = ModelFile.Open(path);
            files.Add(file);
            foreach (ModelTensor tensor in SafetensorsFile.Tensors(file))
            {
                if (!tensors.TryAdd(tensor.Name, tensor))
                {
                    throw new ModelFormatException(path, tensor.Name, -1, "the tensor is in two shards");
                }
            }
        }

        if (Shape.TiedOutput)
        {
            // Some checkpoints store the tied matrix a second time; it is the embedding by definition.
            tensors.Remove(LlamaTensors.Output);
        }

        LlamaTensors.Check(Path, Shape, tensors);
    }
}
