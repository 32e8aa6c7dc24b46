using System.Globalization;
using System.Text;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Templates;

/// <summary>
/// Cuts a template into words, with the white space rules under which chat templates are written: Jinja's trim_blocks and lstrip_blocks (jinja.palletsprojects.com,
/// Template Designer Documentation, "Whitespace Control").
/// </summary>
internal sealed class TemplateLexer
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ","];

    private readonly string path;
    private readonly string text;
    private readonly List<TemplateToken> tokens = [];
    private int at;
    private (int Position, int Line) known = (0, 1);

    private TemplateLexer(string template, string path)
    {
        string lines = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        (text, this.path) = (lines.EndsWith('\n') ? lines[..^1] : lines, path);
    }

    /// <summary>The words, an end behind them.</summary>
    /// <exception cref="ModelFormatException">A tag or a string does not end, or a character has no meaning.</exception>
    public static IReadOnlyList<TemplateToken> Read(string template, string path)
    {
        TemplateLexer lexer = new(template, path);
        lexer.Run();
        return lexer.tokens;
    }

    private void Run()
    {
        for (int open = NextTag(); open >= 0; open = NextTag())
        {
            char kind = text[open + 1];
            char sign = open + 2 < text.Length ? text[open + 2] : '\0';
            string before = text[at..open];
            int line = before.LastIndexOf('\n') + 1;
            bool startsLine = (line > 0 || at == 0 || text[at - 1] == '\n') && before.AsSpan(line).IsWhiteSpace();
            Add(TemplateTokenKind.Text, sign == '-' ? before.TrimEnd() : kind != '{' && sign != '+' && startsLine ? before[..line] : before);
            at = open;
            if (kind == '#')
            {
                int end = text.IndexOf("#}", open + 2, StringComparison.Ordinal);
                at = end >= 0 ? end : throw Fault("the comment does not end: '#}' is missing");
                Close(text[end - 1] is '-' or '+' ? text[end - 1] : '\0', isPrint: false);
                continue;
            }

            Add(kind == '%' ? TemplateTokenKind.Statement : TemplateTokenKind.Print, text.Substring(open, 2));
            at += sign is '-' or '+' ? 3 : 2;
            ReadTag(kind == '%' ? "%}" : "}}");
        }

        Add(TemplateTokenKind.Text, text[at..]);
        at = text.Length;
        Add(TemplateTokenKind.End, string.Empty);
    }

    private int NextTag()
    {
        for (int open = text.IndexOf('{', at); open >= 0 && open + 1 < text.Length; open = text.IndexOf('{', open + 1))
        {
            if (text[open + 1] is '{' or '%' or '#')
            {
                return open;
            }
        }

        return -1;
    }

    private void ReadTag(string end)
    {
        for (int open = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                throw Fault($"the tag does not end: '{end}' is missing");
            }

            char sign = text[at] is '-' or '+' ? text[at] : '\0';
            if (open == 0 && string.CompareOrdinal(text, at + (sign == '\0' ? 0 : 1), end, 0, 2) == 0)
            {
                Add(TemplateTokenKind.Close, end);
                at += sign == '\0' ? 0 : 1;
                Close(sign, end == "}}");
                return;
            }

            open += ReadWord() switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
        }
    }

    // Behind a tag: all white space after a minus, and the end of the line after a statement.
    private void Close(char sign, bool isPrint)
    {
        at += 2;
        while (sign == '-' && at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        at += sign == '\0' && !isPrint && at < text.Length && text[at] == '\n' ? 1 : 0;
    }

    /// <summary>Adds the word at the place.</summary>
    /// <returns>The operator, if it is one.</returns>
    private string? ReadWord()
    {
        char first = text[at];
        if (first is '\'' or '"')
        {
            ReadString(first);
            return null;
        }

        if (char.IsAsciiDigit(first))
        {
            int end = Skip(at, char.IsAsciiDigit);
            bool isReal = end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]);
            Take(isReal ? TemplateTokenKind.Real : TemplateTokenKind.Integer, isReal ? Skip(end + 1, char.IsAsciiDigit) : end);
            return null;
        }

        if (char.IsLetter(first) || first == '_')
        {
            Take(TemplateTokenKind.Name, Skip(at, character => char.IsLetterOrDigit(character) || character == '_'));
            return null;
        }

        string sign = Operators.FirstOrDefault(known => string.CompareOrdinal(text, at, known, 0, known.Length) == 0) ?? throw Fault($"'{first}' has no meaning here");
        Take(TemplateTokenKind.Operator, at + sign.Length);
        return sign;
    }

    private void ReadString(char quote)
    {
        int start = at;
        StringBuilder value = new();
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                Escape(value, text[++at]);
            }
            else
            {
                value.Append(text[at]);
            }
        }

        int end = at;
        at = start;
        tokens.Add(new TemplateToken(TemplateTokenKind.String, end < text.Length ? value.ToString() : throw Fault("the string does not end"), Line()));
        at = end + 1;
    }

    // As in Python: an escape that has no meaning stays as it is.
    private void Escape(StringBuilder value, char escape)
    {
        int digits = escape switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0)
        {
            value.Append(at + digits < text.Length && int.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                ? (char)code
                : throw Fault($"'\\{escape}' is followed by {digits} hexadecimal digits"));
            at += digits;
            return;
        }

        value.Append(escape switch
        {
            'n' => "\n", 't' => "\t", 'r' => "\r", '\\' => "\\", '\'' => "'", '"' => "\"", '\n' => "",
            _ => $"\\{escape}",
        });
    }

    private int Skip(int from, Func<char, bool> isPart)
    {
        while (from < text.Length && isPart(text[from]))
        {
            from++;
        }

        return from;
    }

    private void Take(TemplateTokenKind kind, int end)
    {
        Add(kind, text[at..end]);
        at = end;
    }

    private void Add(TemplateTokenKind kind, string word)
    {
        if (kind != TemplateTokenKind.Text || word.Length > 0)
        {
            tokens.Add(new TemplateToken(kind, word, Line()));
        }
    }

    private int Line()
    {
        known = (at, known.Line + text.AsSpan(known.Position, at - known.Position).Count('\n'));
        return known.Line;
    }

    private ModelFormatException Fault(string problem) => TokenCursor.Fault(path, Line(), problem);
}
