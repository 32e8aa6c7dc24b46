using System.Text.RegularExpressions;

namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>A file that was split under names with a number and a count, as large models are (NAME-00001-of-00003.gguf): one of its parts stands for all.</summary>
internal static partial class SplitFile
{
    /// <summary>All parts that are there, in the order of their names; a file that is no part alone.</summary>
    public static IReadOnlyList<string> Parts(string path)
    {
        Match name = PartName().Match(Path.GetFileName(path));
        return name.Success
            ? [.. Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "*")
                .Where(other => PartName().Match(Path.GetFileName(other)) is { Success: true } part && Same(part, name, 1) && Same(part, name, 2))
                .Order(StringComparer.Ordinal)]
            : [path];
    }

    private static bool Same(Match one, Match other, int group) => one.Groups[group].Value == other.Groups[group].Value;

    [GeneratedRegex(@"^(.*)-[0-9]{5}(-of-[0-9]{5}\.gguf)\z", RegexOptions.Singleline)]
    private static partial Regex PartName();
}
