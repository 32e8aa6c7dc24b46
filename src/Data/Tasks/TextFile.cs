namespace AdaptiveKv.Data.Tasks;

/// <summary>A plain text to measure perplexity on.</summary>
/// <param name="Path">The file as it was named.</param>
/// <param name="Sha256">SHA-256 of its bytes, lower-case hexadecimal.</param>
/// <param name="Text">Its content.</param>
public sealed record TextFile(string Path, string Sha256, string Text)
{
    /// <summary>Reads a UTF-8 file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty or not UTF-8 text.</exception>
    public static TextFile Read(string path)
    {
        DataFile file = DataFile.Read(path, "expected plain UTF-8 text");
        string text = DataFile.Decode(file.Content.Span) ?? throw new InvalidDataException($"{path}: not valid UTF-8: convert the file to UTF-8");
        return string.IsNullOrWhiteSpace(text) ? throw new InvalidDataException($"{path}: the file is empty: expected plain UTF-8 text") : new TextFile(path, file.Sha256, text);
    }
}
