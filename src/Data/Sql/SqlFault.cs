using System.Text.RegularExpressions;

namespace AdaptiveKv.Data.Sql;

/// <summary>An error that DuckDB reported. Callers turn it into what it means for the file or the query at hand.</summary>
internal sealed partial class SqlFault : Exception
{
    private SqlFault(string kind, string message, Exception? cause)
        : base(message, cause) => Kind = kind;

    /// <summary>DuckDB's kind of error: "IO", "Parser", "Out of Memory".</summary>
    public string Kind { get; }

    /// <summary>Whether the stored data caused it, and not the statement.</summary>
    public bool IsOfTheFile => Kind is "IO" or "Serialization" or "INTERNAL" or "FATAL" || Message.StartsWith("Failed to read file", StringComparison.Ordinal);

    /// <summary>Whether the data may be sound, and DuckDB does not know their encoding, compression or encryption.</summary>
    public bool IsUnsupported => Kind.Equals("Not implemented", StringComparison.OrdinalIgnoreCase) || Message.Contains("unsupported", StringComparison.OrdinalIgnoreCase) || Message.Contains("not supported", StringComparison.OrdinalIgnoreCase);

    /// <summary>Splits "Binder Error: what is wrong" and keeps what is said before the excerpt of the statement and the general advice.</summary>
    public static SqlFault Of(string text, Exception? cause = null)
    {
        Match match = Report().Match(text);
        string kind = match.Success ? match.Groups["kind"].Value : "Unknown";
        string message = match.Success ? match.Groups["message"].Value : text;
        string[] paragraphs = message.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new SqlFault(kind, paragraphs is [var first, ..] ? ControlCharacters().Replace(first, " ").TrimEnd(' ', ':') : "DuckDB reported an error without words", cause);
    }

    // Line ends, and bytes of a damaged file.
    [GeneratedRegex(@"\p{Cc}+")]
    private static partial Regex ControlCharacters();

    [GeneratedRegex(@"^(?:Invalid Error: )?(?<kind>[A-Za-z]+(?: [A-Za-z]+){0,3}) (?:Error|error|exception): (?<message>.*)$", RegexOptions.Singleline)]
    private static partial Regex Report();
}
