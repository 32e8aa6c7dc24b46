using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Gguf;
using AdaptiveKv.Inference.Models.HuggingFace;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models;

/// <summary>An opened model file or folder: hyper-parameters, vocabulary and tensors under canonical names.</summary>
public abstract class ModelSource : IDisposable
{
    /// <summary>Where the model was opened from.</summary>
    public abstract string Path { get; }

    /// <summary>Hyper-parameters, semantically checked.</summary>
    public abstract LlamaShape Shape { get; }

    /// <summary>Vocabulary and merges.</summary>
    public abstract TokenizerDefinition Vocabulary { get; }

    /// <summary>All tensors by canonical name.</summary>
    public abstract IReadOnlyDictionary<string, ModelTensor> Tensors { get; }

    /// <summary>SHA-256 over the weights file(s), lower-case hex; computed on first use.</summary>
    public abstract string Sha256 { get; }

    /// <summary>What was passed over or decided while it was opened; a sentence each, with the file.</summary>
    public IReadOnlyList<string> Notes => Remarks;

    /// <summary>Receives <see cref="Notes"/>.</summary>
    private protected List<string> Remarks { get; } = [];

    /// <summary>Opens a GGUF file or a Hugging Face folder, by content and not by name.</summary>
    /// <param name="path">A .gguf file, or a folder with config.json, model.safetensors and tokenizer.json.</param>
    /// <exception cref="ModelFormatException">The content is malformed or not a Llama architecture.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static ModelSource Open(string path)
    {
        if (Directory.Exists(path))
        {
            string[] files = File.Exists(System.IO.Path.Combine(path, "config.json")) ? [] : Directory.GetFiles(path, "*.gguf");
            return files.Length == 0
                ? FolderModel.Open(path)
                : throw new FileNotFoundException($"{path}: a folder without config.json; give a file in it, such as {files.Min(StringComparer.Ordinal)}", path);
        }

        return GgufModel.Open(path);
    }

    /// <summary>Says of a number of tokens that it is more than a model's context holds; null if it is not.</summary>
    /// <param name="path">As in <see cref="Open"/>; only the header is read.</param>
    /// <param name="tokens">Tokens of the longest sequence.</param>
    public static string? ContextProblem(string path, long tokens)
    {
        using ModelSource source = Open(path);
        return tokens > source.Shape.ContextLength ? $"{tokens} tokens are more than the {source.Shape.ContextLength} that the model's context holds" : null;
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
