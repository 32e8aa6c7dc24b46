using System.Globalization;
using System.Text.RegularExpressions;

namespace AdaptiveKv.Data.Tasks;

/// <summary>
/// HellaSwag (Zellers et al. 2019) in its own JSON lines and in llama.cpp's text form. The texts of the former come from WikiHow with traces of
/// its markup; they are cleaned exactly as lm-evaluation-harness does, so that results compare.
/// </summary>
internal static partial class HellaSwag
{
    /// <summary>Lines of one item in llama.cpp's form: context, label, four endings.</summary>
    public const int LinesPerItem = 6;

    private const int Endings = LinesPerItem - 2;

    public static MultipleChoiceItem FromJson(JsonRow row, int number)
    {
        string context = row.Has("ctx_a") ? $"{row.TextOr("ctx_a", "")} {PythonText.Capitalize(row.TextOr("ctx_b", ""))}" : row.Text("ctx");
        string? activity = row.TextOr("activity_label", null);
        string query = Clean(activity is null ? context : $"{activity}: {context}");
        if (PythonText.Strip(query).Length == 0)
        {
            throw row.Error(row.Has("ctx_a") ? "ctx_a" : "ctx", "nothing but markup: expected text");
        }

        string[] endings = [.. row.Texts("endings").Select(Clean)];
        int empty = Array.IndexOf(endings, "");
        if (empty >= 0)
        {
            throw row.Error($"endings[{empty}]", "nothing but markup: expected text");
        }

        if (row.TextOr("split", "") == "test" || (row.Has("label") && row.NameOr("label", "") == ""))
        {
            throw row.Error("label", "the test split has no labels: use the validation split");
        }

        return new MultipleChoiceItem(
            row.NameOr("ind", number.ToString(CultureInfo.InvariantCulture)),
            query,
            endings,
            row.Index("label", endings.Length));
    }

    public static List<MultipleChoiceItem> FromText(IReadOnlyList<TextLine> lines)
    {
        var items = new List<MultipleChoiceItem>(lines.Count / LinesPerItem);
        for (int start = 0; start < lines.Count; start += LinesPerItem)
        {
            if (start + LinesPerItem > lines.Count)
            {
                throw lines[start].Error($"the item that starts here has {lines.Count - start} of {LinesPerItem} lines: expected a context, a label and {Endings} endings");
            }

            items.Add(new MultipleChoiceItem(
                items.Count.ToString(CultureInfo.InvariantCulture),
                lines[start].Text.Trim(),
                [.. Enumerable.Range(start + 2, Endings).Select(index => lines[index].Text.Trim())],
                Label(lines[start + 1])));
        }

        return items;
    }

    public static bool IsLabel(TextLine line) => TryLabel(line, out _);

    /// <summary>lm-evaluation-harness's clean-up: titles become sentences, other bracketed markup goes, double spaces become single in one pass.</summary>
    public static string Clean(string text) =>
        Bracketed().Replace(PythonText.Strip(text).Replace(" [title]", ". ", StringComparison.Ordinal), "").Replace("  ", " ", StringComparison.Ordinal);

    private static int Label(TextLine line) =>
        TryLabel(line, out int label) ? label : throw line.Error($"'{Shorten(line.Text)}' is no label: expected 0 to {Endings - 1}, the second of an item's {LinesPerItem} lines");

    private static bool TryLabel(TextLine line, out int label) =>
        int.TryParse(line.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out label) && label < Endings;

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "..." : text;

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}
