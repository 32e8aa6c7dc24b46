using System.Text.RegularExpressions;

namespace AdaptiveKv.Data.Sql;

/// <summary>Names and texts as SQL writes them.</summary>
internal static partial class SqlText
{
    /// <summary>A column's name: "a ""quoted"" name".</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text: 'it''s'.</summary>
    /// <exception cref="ArgumentException">It holds a NUL, where the C API would end it.</exception>
    public static string Literal(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new ArgumentException($"'{text.Replace("\0", "\\0", StringComparison.Ordinal)}' holds a NUL character")
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Several names.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary>Several texts as a list: ['a', 'b'].</summary>
    public static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Literal))}]";

    /// <summary>Files as a list for table functions.</summary>
    public static string Files(IEnumerable<string> paths) => List(paths.Select(Pattern));

    /// <summary>The pattern that means one file: table functions read *, ? and [ in a path as such.</summary>
    /// <exception cref="InvalidDataException">There is none: in a pattern a backslash parts folders on every system.</exception>
    public static string Pattern(string path)
    {
        string full = Path.GetFullPath(path);
        return Path.DirectorySeparatorChar != '\\' && full.Contains('\\', StringComparison.Ordinal) && Special().IsMatch(full)
            ? throw new InvalidDataException($"{path}: not supported: a path with a backslash and one of *, ? and [: rename the file or its folder")
            : Special().Replace(full, "[$0]");
    }

    /// <summary>Named texts: {'a': 'x', 'b': 'y'}.</summary>
    public static string Struct(IEnumerable<(string Name, string Text)> fields) =>
        $"{{{string.Join(", ", fields.Select(field => $"{Literal(field.Name)}: {Literal(field.Text)}"))}}}";

    [GeneratedRegex(@"[*?[]")]
    private static partial Regex Special();
}
