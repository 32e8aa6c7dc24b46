using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Templates;

/// <summary>A place among the words of a template.</summary>
/// <param name="path">The model's file, for errors.</param>
/// <param name="tokens">The words, an end behind them.</param>
internal sealed class TokenCursor(string path, IReadOnlyList<TemplateToken> tokens)
{
    // Deep enough for any template that a person wrote, and for any stack.
    private const int MostDepth = 50;

    private int at;
    private int depth;

    /// <summary>The model's file.</summary>
    public string Path => path;

    /// <summary>The word at the place.</summary>
    public TemplateToken Current => tokens[at];

    /// <summary>A fault of a template.</summary>
    public static ModelFormatException Fault(string path, int line, string problem) => new(path, $"chat template, line {line}", -1, problem);

    /// <summary>A fault at the place.</summary>
    public ModelFormatException Fault(string problem) => Fault(path, Current.Line, problem);

    /// <summary>The word, and goes on.</summary>
    public TemplateToken Next() => tokens[at < tokens.Count - 1 ? at++ : at];

    /// <summary>Whether the place has a word.</summary>
    public bool Is(TemplateTokenKind kind, string text) => Current.Kind == kind && Current.Text == text;

    /// <summary>Goes on where the place has a keyword.</summary>
    public bool TakeName(string name) => Take(TemplateTokenKind.Name, name);

    /// <summary>Goes on where the place has an operator.</summary>
    public bool TakeOperator(string sign) => Take(TemplateTokenKind.Operator, sign);

    /// <summary>The operator at the place, if it is one of these; goes on then.</summary>
    public string? TakeOneOf(params ReadOnlySpan<string> signs)
    {
        foreach (string sign in signs)
        {
            if (TakeOperator(sign))
            {
                return sign;
            }
        }

        return null;
    }

    /// <summary>Requires an operator.</summary>
    public void Expect(string sign)
    {
        if (!TakeOperator(sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    /// <summary>Requires a word of a kind.</summary>
    public string Expect(TemplateTokenKind kind, string what) => Current.Kind == kind ? Next().Text : throw Unexpected(what);

    /// <summary>Says what stands there instead.</summary>
    public ModelFormatException Unexpected(string expected) =>
        Fault($"{(Current.Kind == TemplateTokenKind.End ? "the template ends" : $"there is '{Shorten(Current.Text)}'")} where {expected} is expected");

    /// <summary>Reads something that can contain itself.</summary>
    public T Nested<T>(Func<T> read)
    {
        if (++depth > MostDepth)
        {
            throw Fault($"more than {MostDepth} levels of nesting");
        }

        T value = read();
        depth--;
        return value;
    }

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "..." : text;

    private bool Take(TemplateTokenKind kind, string text)
    {
        bool there = Is(kind, text);
        at += there ? 1 : 0;
        return there;
    }
}
