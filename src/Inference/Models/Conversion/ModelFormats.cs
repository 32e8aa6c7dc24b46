using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Gguf;
using AdaptiveKv.Inference.Models.HuggingFace;

namespace AdaptiveKv.Inference.Models.Conversion;

/// <summary>The formats that models come in, told apart by content and not by name.</summary>
public static class ModelFormats
{
    /// <summary>Opens a GGUF file or a Hugging Face folder.</summary>
    /// <param name="path">A .gguf file, or a folder with config.json, model.safetensors and tokenizer.json.</param>
    /// <exception cref="ModelFormatException">The content is malformed or not a Llama architecture.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static ModelSource Open(string path)
    {
        if (Directory.Exists(path))
        {
            string[] files = File.Exists(Path.Combine(path, "config.json")) ? [] : Directory.GetFiles(path, "*.gguf");
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
}
