using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Reads the JSON files of a model folder: size limit, valid UTF-8, no duplicate members, strings that can be decoded.</summary>
internal static class JsonFile
{
    /// <summary>Parses a file whose root is an object; the caller disposes the document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes it may have.</param>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="ModelFormatException">The content is no such JSON.</exception>
    public static JsonDocument Read(string path, int limit)
    {
        using ModelFile file = ModelFile.Open(path);
        ForeignFile.Refuse(file);
        ReadOnlyMemory<byte> text = JsonText.WithoutMark(file.ReadAll(limit));
        JsonText.Check(path, 0, text.Span);
        JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth });
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new ModelFormatException(path, "JSON", 0, "an object is expected");
    }
}
