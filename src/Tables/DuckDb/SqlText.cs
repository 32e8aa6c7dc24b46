namespace AdaptiveKv.Tables.DuckDb;

/// <summary>Names and texts as SQL writes them.</summary>
internal static class SqlText
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

    /// <summary>Named texts: {'a': 'x', 'b': 'y'}.</summary>
    public static string Struct(IEnumerable<(string Name, string Text)> fields) =>
        $"{{{string.Join(", ", fields.Select(field => $"{Literal(field.Name)}: {Literal(field.Text)}"))}}}";
}
