using System.Text.Json;
using System.Text.Unicode;

namespace AdaptiveKv.Files;

/// <summary>Checks JSON that may come from a stranger, or from an editor, before anything is taken from it.</summary>
public static class JsonText
{
    /// <summary>Objects and arrays within each other; deeper ones are refused.</summary>
    public const int MaxDepth = 64;

    /// <summary>The text without a byte order mark at its start, which some editors write and no JSON reader takes.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> text) => text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text;

    /// <summary>Refuses a model's JSON that is not one value whose strings can be decoded and whose members have names of their own.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="start">Byte offset of <paramref name="json"/> in the file.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="ModelFormatException">It is none.</exception>
    public static void Check(string path, long start, ReadOnlySpan<byte> json)
    {
        if (Find(json) is { } fault)
        {
            throw new ModelFormatException(path, fault.Member.Length == 0 ? "JSON" : fault.Member, start + fault.Offset, fault.Problem);
        }
    }

    /// <summary>The first fault of a text that should be one JSON value whose strings can be decoded and whose members have names of their own; null if it has none.</summary>
    /// <param name="json">The text.</param>
    /// <param name="isComplete">Whether null within an array, and a number beyond a double, are faults too: figures have no gaps.</param>
    public static JsonFault? Find(ReadOnlySpan<byte> json, bool isComplete = false)
    {
        if (!Utf8.IsValid(json))
        {
            return new JsonFault(0, 1, string.Empty, "is not valid UTF-8");
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        Stack<Container> containers = [];
        try
        {
            while (reader.Read())
            {
                if (Problem(ref reader, json, containers, isComplete) is { } problem)
                {
                    return new JsonFault(reader.TokenStartIndex, Line(json, reader.TokenStartIndex), Member(containers), problem);
                }
            }

            return null;
        }
        catch (JsonException error)
        {
            // The reader's sentence, without its line number, which counts from 0.
            return new JsonFault(reader.BytesConsumed, (int)(error.LineNumber ?? 0) + 1, string.Empty, error.Message.Split(" LineNumber")[0]);
        }
        catch (InvalidOperationException)
        {
            // The reader has no other way to say that an escape is half of a surrogate pair.
            return new JsonFault(reader.TokenStartIndex, Line(json, reader.TokenStartIndex), string.Empty, "a string holds an unpaired surrogate");
        }
    }

    /// <summary>The line of a byte, from 1.</summary>
    public static int Line(ReadOnlySpan<byte> text, long offset) => text[..(int)offset].Count((byte)'\n') + 1;

    private static string? Problem(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Stack<Container> containers, bool isComplete)
    {
        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
        {
            containers.Pop();
            return null;
        }

        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            return containers.Peek().Enter(reader.GetString()!, reader.TokenStartIndex) is { } first ? $"occurs twice, first in line {Line(json, first)}" : null;
        }

        if (containers.TryPeek(out Container? parent))
        {
            parent.Next();
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                containers.Push(new Container(reader.TokenType == JsonTokenType.StartObject));
                return null;
            case JsonTokenType.String when reader.ValueIsEscaped:
                _ = reader.GetString();
                return null;
            case JsonTokenType.Null when isComplete && parent is { IsObject: false }:
                return "is null";
            case JsonTokenType.Number when isComplete && !double.IsFinite(reader.GetDouble()):
                return "is too large a number";
            default:
                return null;
        }
    }

    private static string Member(Stack<Container> containers) => string.Join('.', containers.Reverse().Select(container => container.Place));

    // An object or array that is being read: the names it has had, or how many values.
    private sealed class Container(bool isObject)
    {
        private readonly Dictionary<string, long>? names = isObject ? new(StringComparer.Ordinal) : null;
        private string? name;
        private int values;

        public bool IsObject => names is not null;

        public string Place => name ?? $"{values - 1}";

        // The place of an earlier member of that name.
        public long? Enter(string entered, long offset)
        {
            name = entered;
            return names!.TryAdd(entered, offset) ? null : names[entered];
        }

        public void Next() => values++;
    }
}
