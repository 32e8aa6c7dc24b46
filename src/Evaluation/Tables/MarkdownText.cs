using System.Text.RegularExpressions;
using AdaptiveKv.Evaluation.Plots;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Text from outside as a part of a Markdown document, where it must not become HTML, a link or a heading.</summary>
internal static partial class MarkdownText
{
    /// <summary>On one line; a "&lt;" or "&amp;" that nothing follows up stays as it is ("p &lt;0.001").</summary>
    public static string Of(string text) => Active().Replace(Printable.Of(text), match => match.Value switch
    {
        "<" => "&lt;",
        "&" => "&amp;",
        _ => $"\\{match.Value}",
    });

    [GeneratedRegex(@"<(?=[A-Za-z/!?])|&(?=[#A-Za-z])|[`\[\\]")]
    private static partial Regex Active();
}
