using System.Globalization;
using System.Security.Cryptography;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Calibration;

/// <summary>Typed getters over the strings of a transform file's header.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="values">The strings.</param>
internal sealed class TransformMetadata(string path, IReadOnlyDictionary<string, string> values)
{
    public ModelFormatException Error(string name, string problem) => new(path, $"metadata '{name}'", -1, problem);

    public string? Find(string name) => values.GetValueOrDefault(name);

    public long Integer(string name) => (long)Integer(name, long.MaxValue);

    public ulong Integer(string name, ulong most) =>
        ulong.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) && value <= most
            ? value
            : throw Error(name, $"is '{Shorten(Text(name))}'; a whole number of at least 0 is expected");

    public bool Flag(string name) => Text(name) switch
    {
        "true" => true,
        "false" => false,
        string other => throw Error(name, $"is '{Shorten(other)}'; true or false is expected"),
    };

    public string Hash(string name) =>
        Text(name) is { Length: SHA256.HashSizeInBytes * 2 } hash && hash.All(char.IsAsciiHexDigitLower)
            ? hash
            : throw Error(name, $"is '{Shorten(Text(name))}'; {SHA256.HashSizeInBytes * 2} lower-case hex digits are expected");

    private string Text(string name) => Find(name) ?? throw Error(name, "is missing");

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "..." : text;
}
