using System.Text.Json;
using System.Text.Unicode;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Reads the JSON files of a model folder: size limit, valid UTF-8, no duplicate members, strings that can be decoded.</summary>
internal static class JsonFile
{
    private const int Depth = 64;

    /// <summary>Parses a file whose root is an object; the caller disposes the document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes it may have.</param>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="ModelFormatException">The content is no such JSON.</exception>
    public static JsonDocument Read(string path, int limit)
    {
        using ModelFile file = ModelFile.Open(path);
        byte[] bytes = file.ReadAll(limit);
        CheckText(path, 0, bytes);
        try
        {
            JsonDocument document = JsonDocument.Parse(
                bytes, new JsonDocumentOptions { MaxDepth = Depth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, "JSON", -1, error.Message);
        }

        throw new ModelFormatException(path, "JSON", 0, "an object is expected");
    }

    /// <summary>Refuses bytes that are not one JSON value whose strings can be decoded.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="start">Byte offset of <paramref name="json"/> in the file.</param>
    /// <param name="json">The text.</param>
    public static void CheckText(string path, long start, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new ModelFormatException(path, "JSON", start, "is not valid UTF-8");
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = Depth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, "JSON", start + reader.BytesConsumed, error.Message);
        }
        catch (InvalidOperationException)
        {
            // The reader has no other way to say that an escape is half of a surrogate pair.
            throw new ModelFormatException(path, "JSON", start + reader.TokenStartIndex, "a string holds an unpaired surrogate");
        }
    }
}
