using System.Text.RegularExpressions;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Conventions;

/// <summary>The repository's own text files, by path relative to its root with forward slashes.</summary>
internal static partial class SourceTree
{
    private static readonly string[] ForeignFolders = [".git", ".build", "artifacts", ".vs", ".idea", "bin", "obj", "node_modules", "models"];
    private static readonly string[] TextExtensions =
    [
        "", ".cs", ".csproj", ".props", ".sln", ".md", ".json", ".jsonl", ".yml", ".yaml", ".sh", ".ps1", ".py", ".txt", ".gitignore", ".editorconfig",
    ];

    /// <summary>Every text file that is meant to be committed.</summary>
    public static IReadOnlyList<SourceFile> Texts { get; } =
        [.. Walk(new DirectoryInfo(SharedFiles.Repository)).OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>The product's C# files.</summary>
    public static IEnumerable<SourceFile> Product => ProductIn("src/");

    /// <summary>Those below a folder, which ends with a slash.</summary>
    public static IEnumerable<SourceFile> ProductIn(string folder) =>
        Texts.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal) && file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Names each line that matches, so that a failing test says where to look.</summary>
    public static IEnumerable<string> Find(this IEnumerable<SourceFile> files, Regex pattern) =>
        from file in files
        from line in file.Lines.Index()
        where pattern.IsMatch(line.Item)
        select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}";

    /// <summary>The same, over code without its comments.</summary>
    public static IEnumerable<string> FindInCode(this IEnumerable<SourceFile> files, Regex pattern) =>
        files.Select(file => file with { Lines = [.. file.Lines.Select(line => Comment().Replace(line, string.Empty))] }).Find(pattern);

    private static IEnumerable<SourceFile> Walk(DirectoryInfo folder)
    {
        IEnumerable<SourceFile> own = folder.EnumerateFiles()
            .Where(file => TextExtensions.Contains(file.Extension))
            .Select(file => new SourceFile(
                Path.GetRelativePath(SharedFiles.Repository, file.FullName).Replace('\\', '/'), File.ReadAllLines(file.FullName)));
        return own.Concat(folder.EnumerateDirectories().Where(inner => !ForeignFolders.Contains(inner.Name)).SelectMany(Walk));
    }

    [GeneratedRegex(@"(?<!:)//.*$")]
    private static partial Regex Comment();
}
