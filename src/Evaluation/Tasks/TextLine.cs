using System.Text;

namespace AdaptiveKv.Evaluation.Tasks;

/// <summary>One line of a data file and where it stands, for messages that say so.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">1-based.</param>
/// <param name="Text">Without its end.</param>
internal readonly record struct TextLine(string Path, int Number, string Text)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The error of something wrong on this line.</summary>
    public InvalidDataException Error(string problem) => new($"{Path}: line {Number}: {problem}");

    /// <summary>Lines of a UTF-8 file that are not blank; ends are LF or CRLF, a byte order mark is skipped.</summary>
    /// <exception cref="InvalidDataException">A line is not UTF-8.</exception>
    public static List<TextLine> Split(string path, ReadOnlySpan<byte> content)
    {
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }

        var lines = new List<TextLine>();
        int number = 0;
        foreach (Range range in MemoryExtensions.Split(content, (byte)'\n'))
        {
            number++;
            ReadOnlySpan<byte> bytes = content[range].TrimEnd((byte)'\r');
            string text;
            try
            {
                text = Strict.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                throw new InvalidDataException($"{path}: line {number}: not valid UTF-8: convert the file to UTF-8");
            }

            if (!string.IsNullOrWhiteSpace(text))
            {
                lines.Add(new TextLine(path, number, text));
            }
        }

        return lines;
    }
}
