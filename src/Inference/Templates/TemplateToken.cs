namespace AdaptiveKv.Inference.Templates;

/// <summary>A word of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its characters; of a string its value.</param>
/// <param name="Line">Where it begins, from 1.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Line);

/// <summary>Kinds of <see cref="TemplateToken"/>.</summary>
internal enum TemplateTokenKind
{
    /// <summary>Text between tags.</summary>
    Text,

    /// <summary>The beginning of a statement.</summary>
    Statement,

    /// <summary>The beginning of an expression that is printed.</summary>
    Print,

    /// <summary>The end of either.</summary>
    Close,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A string.</summary>
    String,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>Another number.</summary>
    Real,

    /// <summary>An operator or a bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}
