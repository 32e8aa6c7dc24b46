using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AdaptiveKv.Files;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Reads figures that a program of ours wrote and anyone may have edited: no gaps, no name twice, every number where such a number can lie.</summary>
internal static class FigureFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">Its type, read strictly.</param>
    /// <param name="expected">What it should be and what makes it, for errors.</param>
    /// <param name="limits">Its numbers with their limits.</param>
    /// <exception cref="InvalidDataException">It is something else, or a number lies beyond its limits.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type, string expected, Func<T, IEnumerable<FigureLimit>> limits)
    {
        ReadOnlyMemory<byte> text = JsonText.WithoutMark(File.ReadAllBytes(path));
        if (JsonText.Find(text.Span, isComplete: true) is { } fault)
        {
            throw new InvalidDataException($"{path}: expected {expected}: {fault}");
        }

        T figures;
        try
        {
            figures = JsonSerializer.Deserialize(text.Span, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: expected {expected}: {exception.Message}", exception);
        }

        return limits(figures).FirstOrDefault(limit => !limit.Holds) is { } broken ? throw new InvalidDataException($"{path}: {broken}: expected {expected} as it was written") : figures;
    }
}
