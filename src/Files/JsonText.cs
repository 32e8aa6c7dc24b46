using System.Text.Json;
using System.Text.Unicode;

namespace AdaptiveKv.Files;

/// <summary>Checks JSON that may come from a stranger before anything is taken from it.</summary>
public static class JsonText
{
    /// <summary>Objects and arrays within each other; deeper ones are refused.</summary>
    public const int MaxDepth = 64;

    /// <summary>Refuses bytes that are not one JSON value whose strings can be decoded.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="start">Byte offset of <paramref name="json"/> in the file.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="ModelFormatException">It is none.</exception>
    public static void Check(string path, long start, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new ModelFormatException(path, "JSON", start, "is not valid UTF-8");
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
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
