using System.Globalization;

namespace AdaptiveKv.Files.Safetensors;

/// <summary>The metadata by which a safetensors file says what it is.</summary>
public static class FormatMetadata
{
    /// <summary>Refuses a file of another format, or of a version that is not read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="format">What "format" must be.</param>
    /// <param name="version">What "version" must be.</param>
    /// <param name="other">What a file of another format is: "no controller".</param>
    /// <exception cref="ModelFormatException">It is another one.</exception>
    public static void Require(string path, SafetensorsHeader header, string format, int version, string other)
    {
        string found = header.Metadata.GetValueOrDefault("format") ?? string.Empty;
        if (found != format)
        {
            throw Error(path, "format", $"is '{Shorten(found)}': this is {other}, which has '{format}'");
        }

        string text = header.Metadata.GetValueOrDefault("version") ?? string.Empty;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number != version)
        {
            throw Error(path, "version", $"is '{Shorten(text)}'; this akv reads version {version}: {(number > version ? "use a newer akv" : "make the file again")}");
        }
    }

    /// <summary>What is wrong with a piece of metadata.</summary>
    public static ModelFormatException Error(string path, string name, string problem) => new(path, $"metadata '{name}'", -1, problem);

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "..." : text;
}
