namespace AdaptiveKv.Data.Tasks;

/// <summary>One line of a data file and where it stands, for messages that say so.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">1-based.</param>
/// <param name="Text">Without its end.</param>
internal readonly record struct TextLine(string Path, int Number, string Text)
{
    /// <summary>The error of something wrong on this line.</summary>
    public InvalidDataException Error(string problem) => new($"{Path}: line {Number}: {problem}");

    /// <summary>Lines of a file that are not blank; ends are LF or CRLF.</summary>
    /// <exception cref="InvalidDataException">A line is not UTF-8.</exception>
    public static List<TextLine> Split(DataFile file)
    {
        var lines = new List<TextLine>();
        int number = 0;
        ReadOnlySpan<byte> content = file.Content.Span;
        foreach (Range range in MemoryExtensions.Split(content, (byte)'\n'))
        {
            number++;
            string text = DataFile.Decode(content[range].TrimEnd((byte)'\r'))
                ?? throw new InvalidDataException($"{file.Path}: line {number}: not valid UTF-8: convert the file to UTF-8");
            if (!string.IsNullOrWhiteSpace(text))
            {
                lines.Add(new TextLine(file.Path, number, text));
            }
        }

        return lines;
    }
}
