namespace AdaptiveKv.Files;

/// <summary>A file of a model (weights, transform, controller) is malformed: names the file, the field and the byte offset, the rule, and what to do.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Creates the error; the message reads "PATH: FIELD at byte OFFSET: PROBLEM".</summary>
    public ModelFormatException(string path, string field, long offset, string problem)
        : base(offset >= 0 ? $"{path}: {field} at byte {offset}: {problem}" : $"{path}: {field}: {problem}")
    {
        Path = path;
        Field = field;
        Offset = offset;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The field or tensor that is wrong.</summary>
    public string Field { get; }

    /// <summary>Byte offset in the file; -1 where there is none (JSON members).</summary>
    public long Offset { get; }
}
